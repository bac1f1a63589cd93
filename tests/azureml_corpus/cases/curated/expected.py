KIND = "client"
SCRIPT = "submit.py"
SAYS = ["Name AzureML-Tutorial", "AzureML-Tutorial\n", "{'python': '3.", "customize_curated"]
RUNS = {"curated": ["Completed"]}
BUILDS = True
PIN = "3.6"
