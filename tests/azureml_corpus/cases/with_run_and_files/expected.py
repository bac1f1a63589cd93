KIND = "submit"
SCRIPT = "train.py"
METRICS = {"accuracy": (0.9, 1.0)}
FILES = ["outputs/knn.pkl", "logs/notes.txt"]
SAYS = ["refused: log('several'", "log_list"]
DOCKER = True
