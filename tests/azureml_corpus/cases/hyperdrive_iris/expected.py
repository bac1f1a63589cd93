KIND = "client"
SCRIPT = "tune.py"
SAYS = [
    "HD_",
    "Streaming azureml-logs/hyperdrive.txt",
    "Completed",
    "best of 2: 0.9",
    "['--kernel', ",
    "outputs/model.joblib",
    "sklearn-iris 1",
    "3 runs: 1 hyperdrive",
]
RUNS = {"train_iris": ["Completed", "Completed"]}
MODELS = ["sklearn-iris"]
