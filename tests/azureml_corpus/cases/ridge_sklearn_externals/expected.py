KIND = "submit"
SCRIPT = "train-sklearn.py"
ARGUMENTS = ["0.4"]
METRICS = {"alpha": 0.4, "mse": (2000, 5000), "rounded": (2000, 5000)}
FILES = ["outputs/sklearn_regression_model.pkl"]
TAGS = {"status": "trained"}
