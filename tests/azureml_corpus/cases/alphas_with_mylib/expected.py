KIND = "submit"
SCRIPT = "train.py"
METRICS = {"alpha": 20, "mse": 20, "smallest": 0.0}
FILES = ["outputs/ridge_0.00.pkl", "outputs/ridge_0.95.pkl"]
SAYS = ["alpha is 0.95"]
DOCKER = True
