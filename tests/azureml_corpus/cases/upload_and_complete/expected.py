KIND = "submit"
SCRIPT = "train.py"
METRICS = {"depth": 3}
FILES = ["models/tree.pkl", "report/a.txt", "report/b.txt"]
TAGS = {"kind": "tree", "depth": "3"}
SAYS = ["models/tree.pkl", "report/b.txt"]
