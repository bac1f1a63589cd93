KIND = "submit"
SCRIPT = "logs.py"
METRICS = {
    "count": 3,
    "share": 0.25,
    "word": "seven",
    "yes": True,
    "numpy int": 12,
    "numpy float": 0.5,
    "loss": 5,
    "Fibonacci": [0, 1, 1, 2, 3, 5, 8],
    "angles": 6,
    "cosine wave": ...,
    "sine wave": {"angle": [0.0, 0.1], "sine": [0.0, 0.09983341664682815]},
    "confusion": ...,
    "residuals": ...,
    "predictions": ...,
    "accuracy table": ...,
}
FILES = ["confusion", "residuals", "predictions", "accuracy table"]
DOCKER = True
