KIND = "submit"
SCRIPT = "hello_with_children.py"
METRICS = {"children": 3}
CHILDREN = 4
