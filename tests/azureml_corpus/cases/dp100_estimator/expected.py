KIND = "client"
SCRIPT = "submit.py"
SAYS = ["Regularization Rate 0.1", "outputs/diabetes_model.pkl", "diabetes_model version: 1", "Training context : Parameterized"]
RUNS = {"diabetes-training": ["Completed"] * 2}
MODELS = ["diabetes_model"]
