KIND = "client"
SCRIPT = "deploy.py"
SAYS = ["Registering model my-sklearn-model", "Name: my-sklearn-model", "Version: 1", "outputs ["]
MODELS = ["my-sklearn-model"]
