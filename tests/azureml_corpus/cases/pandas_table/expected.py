KIND = "client"
SCRIPT = "table.py"
SAYS = ["score True", "['alcohol', 'target']", "wine table 1 ['wine table']"]
