KIND = "submit"
SCRIPT = "train_iris.py"
ARGUMENTS = ["--kernel", "rbf", "--penalty", "0.7"]
METRICS = {"Kernel type": "rbf", "Penalty": 0.7, "Accuracy": (0.9, 1.0)}
FILES = ["outputs/model.joblib"]
SAYS = ["Accuracy on the held out flowers"]
DOCKER = True
