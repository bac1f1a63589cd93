KIND = "submit"
SCRIPT = "train.py"
ARGUMENTS = ["--regularization", "0.1"]
METRICS = {"Regularization Rate": 0.1, "Accuracy": (0.6, 1.0), "AUC": (0.6, 1.0), "by diagnosis": ..., "as text": ...}
FILES = ["outputs/diabetes_model.pkl", "by diagnosis"]
