"""The answer, by its newer name."""

from azureml.contrib.services.aml_response import AMLResponse

__all__ = ["AMLResponse"]
