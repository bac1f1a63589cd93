"""The parts of an environment: what it says, its sections, its files; `azureml.core.environment` has the whole."""
