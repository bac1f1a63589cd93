KIND = "client"
SCRIPT = "table.py"
SAYS = ["score True", "['alcohol', 'target']", "wine table 1 ['wine table']"]
PYTHONS = ["3.6", "3.8"]
