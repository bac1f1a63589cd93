KIND = "client"
SCRIPT = "submit.py"
SAYS = ["prepared 20", "workspace True", "metrics {'rows': 20", "second Failed"]
RUNS = {"steps": ["Failed", "Completed"]}
