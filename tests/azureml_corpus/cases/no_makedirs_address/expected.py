KIND = "submit"
SCRIPT = "train.py"
ARGUMENTS = ["--C", "0.5", "--max_iter", "50"]
METRICS = {"Regularization Strength:": 0.5, "Max iterations:": 50, "Accuracy": (0.7, 1.0)}
FILES = ["outputs/model.pkl"]
# What the user saved of the network, for the workspace's folder.
DOWNLOADS = "downloads"
