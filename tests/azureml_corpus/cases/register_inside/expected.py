KIND = "submit"
SCRIPT = "train_and_register.py"
METRICS = {"score": (0.95, 1.0), "same": True, "versions": 1}
FILES = ["outputs/wine.pkl"]
MODELS = ["wine-forest"]
TAGS = {"model": "wine-forest:1"}
