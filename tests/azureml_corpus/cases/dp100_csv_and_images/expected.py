KIND = "submit"
SCRIPT = "diabetes_experiment.py"
METRICS = {"observations": 60, "oldest": (60, 78), "pregnancy categories": 6, "Age": ..., "BMI": ..., "label distribution": ...}
FILES = ["outputs/sample.csv"]
