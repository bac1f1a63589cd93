KIND = "client"
SCRIPT = "train.py"
SAYS = ["listed best_model 1", "state Healthy", "predictions 3", "keys 2", "['my-aci-svc']"]
RUNS = {"train-within-notebook": ["Completed"] * 2}
MODELS = ["best_model"]
