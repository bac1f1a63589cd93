KIND = "client"
SCRIPT = "submit.py"
SAYS = ["sum 3", "{'step': 'prepare'}"]
RUNS = {"prepare": ["Completed"]}
