KIND = "client"
SCRIPT = "register_better.py"
SAYS = ["kept 0.8", "datasets [('training', 1)]", "root True"]
RUNS = {"register_model": ["Completed"]}
MODELS = ["better"]
