"""Entry points of the Azure ML SDK v1: `Run`, for scripts inside a run."""

from azureml._missing import message as _message
from azureml.core.run import Run

VERSION = "1.61.0"
"""Version of the Azure ML SDK whose behaviour this package follows."""

__version__ = VERSION
__all__ = ["VERSION", "Run"]


def __getattr__(name):
    raise AttributeError(_message("azureml.core." + name))
