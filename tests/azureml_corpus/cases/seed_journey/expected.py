KIND = "client"
SCRIPT = "submit.py"
SAYS = ["'Accuracy': 0.9", "model sklearn-iris:1", "uri http://", "answer [0]", "Succeeded"]
RUNS = {"train-sklearn": ["Completed"]}
MODELS = ["sklearn-iris"]
BUILDS = True
PIN = "3.6"
