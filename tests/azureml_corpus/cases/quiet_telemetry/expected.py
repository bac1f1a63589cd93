KIND = "submit"
SCRIPT = "train.py"
METRICS = {"accuracy": (0.9, 1.0)}
SAYS = ["never sent", "SDK version 1."]
