KIND = "notebook"
SCRIPT = "train-on-local.ipynb"
SAYS = ["alpha is 0.10, and mse is", "we have min MSE", "best_ridge_model:1", "'outputs/ridge_0.80.pkl'", "'status': 'Completed'"]
SHOWS = ["<th>Status</th>"]
RUNS = {"train-on-local": ["Completed"]}
MODELS = ["best_ridge_model"]
