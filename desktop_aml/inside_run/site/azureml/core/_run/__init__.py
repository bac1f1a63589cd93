"""The parts of a run, each a class that the next one extends; `azureml.core.run` has the whole."""
