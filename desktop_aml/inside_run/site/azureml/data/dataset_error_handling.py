"""Errors of datasets, by the names that scripts catch."""

from azureml.exceptions import UserErrorException

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class DatasetValidationError(UserErrorException):
    """A dataset cannot be what was asked for: its files are missing, or are no such table."""


class DatasetExecutionError(UserErrorException):
    """The data of a dataset cannot be read."""
