KIND = "client"
SCRIPT = "deploy.py"
SAYS = ["State: running", "uri True", "scores 2", "log True", "again 2"]
MODELS = ["ridge"]
