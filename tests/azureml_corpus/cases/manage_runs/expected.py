KIND = "client"
SCRIPT = "manage_runs.py"
SAYS = [
    "Running\nCompleted\n",
    "{'Hello from run': 1}",
    "properties stay:",
    "'quality': 'fantastic run'",
    "'worth another look': None",
    "[True]",
    "Canceled\nFailed\n",
    "4 True\nCompleted\n",
]
