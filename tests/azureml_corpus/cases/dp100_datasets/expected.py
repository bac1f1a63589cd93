KIND = "client"
SCRIPT = "submit.py"
SAYS = [
    "workspaceblobstore - Default = True",
    "/patients.csv",
    "diabetes dataset version 1",
    "diabetes file dataset version 1",
    "'rows': 60",
    "'files': 1",
]
RUNS = {"diabetes-data": ["Completed"] * 2}
