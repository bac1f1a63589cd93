KIND = "client"
SCRIPT = "submit.py"
SAYS = ["'accuracy': 0.", "sklearn_mnist\tsklearn_mnist:1\t1"]
RUNS = {"Tutorial-sklearn-mnist": ["Completed"]}
MODELS = ["sklearn_mnist"]
