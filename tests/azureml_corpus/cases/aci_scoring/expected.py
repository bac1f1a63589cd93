KIND = "client"
SCRIPT = "deploy.py"
SAYS = ["no service yet", "ACI Healthy True", "200 [0,1,2]", "401", "schema True"]
MODELS = ["iris"]
