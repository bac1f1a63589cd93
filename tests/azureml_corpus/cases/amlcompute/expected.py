KIND = "client"
SCRIPT = "submit.py"
SAYS = ["True AmlCompute Succeeded", "{'regularization': 0.5}", "['--regularization', '0.5']"]
RUNS = {"train-on-amlcompute": ["Completed"]}
