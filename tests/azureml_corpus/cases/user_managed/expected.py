KIND = "client"
SCRIPT = "submit.py"
SAYS = ["Completed local ['azureml-logs/60_control_log.txt']", "best alpha 0.1\nTrue\n", "done\tdone:1\t1"]
MODELS = ["done"]
RUNS = {"train-on-local": ["Completed"]}
