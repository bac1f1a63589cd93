KIND = "notebook"
SCRIPT = "logging-api.ipynb"
SAYS = ["'Fibonacci': [0, 1, 1, 2", "'message': 'Hello from run!'", "['any.pkl', ", "'myfile.txt']"]
SHOWS = ["logging-api-nb"]
RUNS = {"logging-api-nb": ["Completed"]}
