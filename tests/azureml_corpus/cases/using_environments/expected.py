KIND = "client"
SCRIPT = "environments.py"
SAYS = [
    "version 1",
    "numpy==1.17.0",
    "Name myenv \t version 1",
    "curated True",
    "second-env True",
    "a typing error is found",
    "scikit-learn==0.24.2",
]
