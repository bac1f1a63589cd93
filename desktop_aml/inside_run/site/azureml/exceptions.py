"""The errors of the Azure ML SDK v1 that scripts catch by name."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


VERSION = "1.61.0"
"""Version of the Azure ML SDK whose behaviour this package follows."""


class AzureMLException(Exception):
    """Root of the Azure ML errors. `message` says what happened, `inner_exception` what caused it."""

    _error_code: "tuple[str, ...]" = ()
    """Codes of the JSON in the text, from the outside in."""

    def __init__(
        self,
        exception_message: str = "",
        inner_exception: "BaseException | None" = None,
        target: "Any" = None,
        details: "Any" = None,
        **kwargs: "Any",
    ) -> None:
        super().__init__(exception_message)
        self.message = exception_message
        self.inner_exception = inner_exception
        self.target = target
        self.details = details

    def __str__(self) -> str:
        response: "dict[str, Any]" = {"message": self.message}
        if self._error_code:
            outer, inner = self._error_code[0], self._error_code[1:]
            response = {"code": outer, **({"inner_error": {"code": inner[0]}} if inner else {}), **response}
        return "{}:\n\tMessage: {}\n\tInnerException {}\n\tErrorResponse \n{}".format(
            type(self).__name__,
            self.message,
            self.inner_exception,
            json.dumps({"error": response}, indent=4, default=str),
        )

    __repr__ = __str__


class UserErrorException(AzureMLException):
    """The caller's words are off."""

    _error_code: "tuple[str, ...]" = ("UserError",)


class ActivityFailedException(AzureMLException):
    """A run failed."""

    def __init__(self, error_details: "Any", **kwargs: "Any") -> None:
        super().__init__("Activity Failed:\n{}".format(error_details), **kwargs)


class ActivityCanceledException(AzureMLException):
    """A run was cancelled."""


class AuthenticationException(UserErrorException):
    """Somebody is not who they should be."""

    _error_code = ("UserError", "Authentication")


class ComputeTargetException(AzureMLException):
    """A compute target does not exist or cannot be used."""


class DatasetTimestampMissingError(AzureMLException):
    """A dataset has no timestamp column."""


class ExperimentExecutionException(AzureMLException):
    """A run could not be submitted or followed."""


class ModelNotFoundException(AzureMLException):
    """No such model."""


class ModelPathNotFoundException(AzureMLException):
    """A run has no such file."""


class ParallelRunException(AzureMLException):
    """A parallel run step failed."""


class ProjectSystemException(AzureMLException):
    """A project folder is not as it should be."""


class RunConfigurationException(AzureMLException):
    """A run configuration is off."""


class RunEnvironmentException(AzureMLException):
    """The code does not run inside a submitted run."""


class ServiceException(AzureMLException):
    """The other side refused or failed a request. `status_code` is an HTTP status."""

    def __init__(self, exception_message: str = "", status_code: "int | None" = None, **kwargs: "Any") -> None:
        super().__init__(exception_message, **kwargs)
        self.status_code = status_code


class SnapshotException(AzureMLException):
    """The source could not be copied."""


class TrainingException(AzureMLException):
    """A training job failed."""


class WebserviceException(AzureMLException):
    """A web service could not be made or asked. `status_code` is an HTTP status."""

    def __init__(
        self, exception_message: str = "", status_code: "int | None" = None, logger: "Any" = None, **kwargs: "Any"
    ) -> None:
        super().__init__(exception_message, **kwargs)
        self.status_code = status_code


class WorkspaceException(AzureMLException):
    """A workspace does not exist or cannot be used."""

    def __init__(self, exception_message: str = "", found_multiple: bool = False, **kwargs: "Any") -> None:
        super().__init__(exception_message, **kwargs)
        self.found_multiple = found_multiple
