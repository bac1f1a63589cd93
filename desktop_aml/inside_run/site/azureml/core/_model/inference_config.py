"""`InferenceConfig`: the scoring script of a web service, and what it runs in."""

import os
import warnings

from azureml._objects import public
from azureml._service import not_used
from azureml.exceptions import UserErrorException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml._objects import WorkspaceLike


_RUNTIMES = ("python", "spark-py", "python-slim")


class InferenceConfig(object):
    """A script with ``init()`` and ``run(data)``, and its environment.

    Raises
    ------
    WebserviceException
        When the script, its folder or its conda file is not there.
    """

    def __init__(
        self,
        entry_script: str,
        runtime: "str | None" = None,
        conda_file: "str | None" = None,
        extra_docker_file_steps: "Any" = None,
        source_directory: "str | None" = None,
        enable_gpu: "bool | None" = None,
        description: "str | None" = None,
        base_image: "str | None" = None,
        base_image_registry: "Any" = None,
        cuda_version: "str | None" = None,
        environment: "Any" = None,
    ) -> None:
        if environment is not None and (conda_file or runtime or base_image):
            raise UserErrorException("Give either environment, or runtime and conda_file.")
        not_used(
            "InferenceConfig",
            extra_docker_file_steps=extra_docker_file_steps,
            enable_gpu=enable_gpu,
            base_image=base_image,
            cuda_version=cuda_version,
        )
        self.entry_script = entry_script
        self.runtime = runtime
        self.conda_file = conda_file
        self.extra_docker_file_steps = extra_docker_file_steps
        self.source_directory = source_directory
        self.enable_gpu = enable_gpu
        self.description = description
        self.base_image = base_image
        self.base_image_registry = base_image_registry
        self.cuda_version = cuda_version
        self.environment = environment
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check that the files are there."""
        if self.source_directory and not os.path.isdir(self.source_directory):
            raise WebserviceException("There is no folder '{}' (source_directory).".format(self.source_directory))
        path = self._path(self.entry_script)
        if not os.path.isfile(path):
            raise WebserviceException("There is no scoring script '{}'.".format(path))
        if not path.endswith(".py"):
            raise WebserviceException("The scoring script '{}' is no Python file.".format(path))
        _check_syntax(path)
        if self.runtime and str(self.runtime).lower() not in _RUNTIMES:
            raise WebserviceException("The runtime is one of {}, not '{}'.".format(", ".join(_RUNTIMES), self.runtime))
        if self.conda_file and not os.path.isfile(self._path(self.conda_file)):
            raise WebserviceException("There is no conda file '{}'.".format(self._path(self.conda_file)))

    def _path(self, name: str) -> str:
        return os.path.abspath(os.path.join(self.source_directory or ".", name))

    def _request(self, workspace: "WorkspaceLike") -> "dict[str, Any]":
        """Return the values with which a scoring script is deployed; its environment is kept in the workspace."""
        script = self._path(self.entry_script)
        folder = os.path.abspath(self.source_directory) if self.source_directory else ""
        environment = self.environment
        if environment is None and self.conda_file:
            environment = public("Environment").from_conda_specification("scoring", self._path(self.conda_file))
        untouched = environment is None or environment._is_untouched_default()
        in_container = not untouched and bool(environment.docker.enabled)
        return {
            "entry_script": os.path.relpath(script, folder).replace(os.sep, "/") if folder else script,
            "source_directory": folder,
            "environment": "" if untouched else environment._reference(workspace, in_container=in_container),
            "use_docker": in_container,
            "env_vars": {} if untouched else dict(environment.environment_variables or {}),
        }

    def __repr__(self) -> str:
        return "InferenceConfig(entry_script={!r}, source_directory={!r}, environment={})".format(
            self.entry_script, self.source_directory, self.environment
        )


def _check_syntax(path: str) -> None:
    """Raise UserErrorException when a script is not Python; it is read with the syntax of the client's Python."""
    with open(path, "rb") as stream:
        text = stream.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, path, "exec")
    except SyntaxError as error:
        raise UserErrorException(
            "The scoring script '{}' is not Python: {} (line {}).".format(path, error.msg, error.lineno)
        ) from None
