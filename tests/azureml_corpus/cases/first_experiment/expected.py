KIND = "client"
SCRIPT = "train.py"
SAYS = ["best model_alpha_", "Experiment(Name: diabetes-experiment,"]
RUNS = {"diabetes-experiment": ["Completed"] * 3}
