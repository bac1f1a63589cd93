"""What is wrong with a sweep, or not offered."""

from azureml.exceptions import TrainingException

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class HyperDriveConfigException(TrainingException):
    """The configuration of a sweep is off."""


class HyperDriveNotImplementedException(TrainingException):
    """A call that runs have and sweeps do not."""


class HyperDriveScenarioNotSupportedException(TrainingException):
    """A sweep that cannot be carried out."""


class HyperDriveRehydrateException(TrainingException):
    """A run that is no sweep was taken for one."""
