KIND = "client"
SCRIPT = "submit.py"
SAYS = ["{'rows': 60}", "Completed 2", "{'era': '2019'} [2, 1]"]
RUNS = {"references": ["Completed"] * 2}
