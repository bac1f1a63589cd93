KIND = "client"
SCRIPT = "train.py"
SAYS = ["Attempted to log scalar metric accuracy:", "no experiment here", "ran at desk", "[START] Run OfflineRun_"]
