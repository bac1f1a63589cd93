KIND = "notebook"
SCRIPT = "train-within-notebook.ipynb"
SAYS = ["SDK version: 1.", "best_model 1", "predictions: 2 True"]
SHOWS = ["train-within-notebook", "Completed"]
RUNS = {"train-within-notebook": ["Completed"] * 4}
MODELS = ["best_model"]
