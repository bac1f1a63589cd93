KIND = "submit"
SCRIPT = "show.py"
ARGUMENTS = ["--data folder", "-x"]
METRICS = {"scikit-learn": ..., "python": ..., "folder": "snapshot", "arguments": "--data folder -x"}
SAYS = ["Type: azureml.scriptrun"]
DOCKER = True
