"""Code that runs in a model's own environment: standard library, numpy and scikit-learn, Python 3.6 or newer."""
