import numpy as np


def get_alphas():
    # twenty steps from 0 to 0.95
    return np.arange(0.0, 1.0, 0.05)
