"""The errors of the Azure ML SDK v1 that scripts catch by name."""

import json

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so


VERSION = "1.61.0"
"""Version of the Azure ML SDK whose behaviour this package follows."""


class AzureMLException(Exception):
    """Root of the Azure ML errors. `message` says what happened, `inner_exception` what caused it."""

    _error_code = "SystemError"

    def __init__(self, exception_message="", inner_exception=None, **kwargs):
        super().__init__(exception_message)
        self.message = exception_message
        self.inner_exception = inner_exception
        self.details = kwargs.get("details")
        self.target = kwargs.get("target")

    def __str__(self):
        response = {"error": {"code": self._error_code, "message": self.message}}
        return "{}:\n\tMessage: {}\n\tInnerException {}\n\tErrorResponse \n{}".format(
            type(self).__name__, self.message, self.inner_exception, json.dumps(response, indent=4)
        )


class UserErrorException(AzureMLException):
    """The caller's words are off."""

    _error_code = "UserError"


class ActivityFailedException(AzureMLException):
    """A run failed."""


class ActivityCanceledException(AzureMLException):
    """A run was cancelled."""


class AuthenticationException(UserErrorException):
    """Somebody is not who they should be."""


class ComputeTargetException(UserErrorException):
    """A compute target does not exist or cannot be used."""


class DatasetTimestampMissingError(UserErrorException):
    """A dataset has no timestamp column."""


class ExperimentExecutionException(AzureMLException):
    """A run could not be submitted or followed."""


class ModelNotFoundException(UserErrorException):
    """No such model."""


class ModelPathNotFoundException(UserErrorException):
    """A run has no such file."""


class ParallelRunException(AzureMLException):
    """A parallel run step failed."""


class ProjectSystemException(UserErrorException):
    """A project folder is not as it should be."""


class RunConfigurationException(UserErrorException):
    """A run configuration is off."""


class RunEnvironmentException(AzureMLException):
    """The code does not run inside a submitted run."""


class ServiceException(AzureMLException):
    """The other side refused or failed a request. `status_code` is an HTTP status."""

    def __init__(self, exception_message="", status_code=None, **kwargs):
        super().__init__(exception_message, **kwargs)
        self.status_code = status_code


class SnapshotException(AzureMLException):
    """The source could not be copied."""


class TrainingException(AzureMLException):
    """A training job failed."""


class WebserviceException(AzureMLException):
    """A web service could not be made or asked. `status_code` is an HTTP status."""

    def __init__(self, exception_message="", status_code=None, **kwargs):
        super().__init__(exception_message, **kwargs)
        self.status_code = status_code


class WorkspaceException(AzureMLException):
    """A workspace does not exist or cannot be used."""
