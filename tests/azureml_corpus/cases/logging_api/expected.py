KIND = "client"
SCRIPT = "logging_api.py"
SAYS = ["read back"]
RUNS = {"logging-api-test": ["Completed"]}
