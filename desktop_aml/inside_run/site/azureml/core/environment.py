"""`Environment`: what a script runs in, by name and version."""

import copy
import json
import os
import shutil
import subprocess

from azureml._service import call, note, refused
from azureml.core._environment import definition as definition
from azureml.core._environment import files as files
from azureml.core._environment.images import ImageBuildDetails
from azureml.core._environment.sections import (
    DEFAULT_CPU_IMAGE,
    DEFAULT_GPU_IMAGE,
    DatabricksSection,
    DockerBuildContext,
    DockerSection,
    EnvironmentReference,
    PythonSection,
    RSection,
    SparkPackage,
    SparkSection,
)
from azureml.core._strict import Strict, to_json
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.container_registry import ContainerRegistry
from azureml.exceptions import AzureMLException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "CondaDependencies",
    "ContainerRegistry",
    "DatabricksSection",
    "DockerBuildContext",
    "DockerSection",
    "Environment",
    "EnvironmentReference",
    "PythonSection",
    "RSection",
    "SparkPackage",
    "SparkSection",
]

_NO_SUCH: "dict[str, type[Exception]]" = {"*": AzureMLException}


class Environment(Strict):
    """Python, packages, variables and image of a run.

    Parameters
    ----------
    name : str
        Names that begin with ``AzureML`` or ``Microsoft`` belong to curated environments.
    """

    _names = {
        "name": "name",
        "version": "version",
        "environment_variables": "environmentVariables",
        "python": "python",
        "docker": "docker",
        "spark": "spark",
        "databricks": "databricks",
        "r": "r",
        "inferencing_stack_version": "inferencingStackVersion",
        "asset_id": "assetId",
    }

    def __init__(self, name: str, **kwargs: "Any") -> None:
        if not isinstance(name, str):
            raise TypeError("The name of an environment is text, not {}.".format(type(name).__name__))
        self._registered: "tuple[str, bool] | None" = None
        self.name = name
        self.version: "str | None" = None
        self.environment_variables: "dict[str, str] | None" = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
        self.python = PythonSection()
        self.docker = DockerSection()
        self.spark = SparkSection()
        self.databricks = DatabricksSection()
        self.r: "RSection | None" = None
        self.inferencing_stack_version: "str | None" = None
        self.asset_id: "str | None" = None

    # Making one.

    @staticmethod
    def from_conda_specification(name: str, file_path: str) -> "Environment":
        """Return an environment with the packages of a conda YAML file."""
        if not os.path.isfile(file_path):
            raise FileNotFoundError("There is no conda specification '{}'.".format(file_path))
        made = Environment(name)
        made.python.conda_dependencies = CondaDependencies(file_path)
        if made.python.conda_dependencies.get_python_version() is None:
            note("'{}' names no version of Python: Desktop AML chooses one.".format(file_path))
            made.python.conda_dependencies._with_default_python()
        return made

    @staticmethod
    def from_pip_requirements(name: str, file_path: str, pip_version: "str | None" = None) -> "Environment":
        """Return an environment with the packages of a requirements file."""
        if not os.path.isfile(file_path):
            raise FileNotFoundError("There is no requirements file '{}'.".format(file_path))
        made = Environment(name)
        conda = made.python.conda_dependencies = CondaDependencies()
        conda.set_pip_requirements(files.requirements(file_path))
        conda.add_conda_package("pip={}".format(pip_version) if pip_version else "pip")
        return made

    @staticmethod
    def from_existing_conda_environment(name: str, conda_environment_name: str) -> "Environment | None":
        """Return an environment with the packages of a conda environment, or None when conda does not know it."""
        conda = shutil.which("conda")
        if conda is None:
            note("conda is not on this computer, so its environment '{}' is unknown.".format(conda_environment_name))
            return None
        asked = subprocess.Popen(
            [conda, "env", "export", "--no-builds", "--name", conda_environment_name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        text, error = asked.communicate()
        if asked.returncode != 0:
            note("conda does not know '{}': {}".format(conda_environment_name, error.decode(errors="replace").strip()))
            return None
        tree = call("yaml.read", text=text.decode())
        made = Environment(name)
        made.python.conda_dependencies = CondaDependencies(
            _underlying_structure={key: value for key, value in tree.items() if key != "prefix"}
        )
        return made

    @staticmethod
    def from_docker_image(
        name: str,
        image: str,
        container_registry: "ContainerRegistry | None" = None,
        conda_specification: "str | None" = None,
        pip_requirements: "str | None" = None,
    ) -> "Environment":
        """Return an environment in an image of a registry."""
        made = files.with_packages(name, conda_specification, pip_requirements)
        made.docker.base_image = image
        if container_registry is not None:
            made.docker.base_image_registry = container_registry
        found: "Environment" = made
        return found

    @staticmethod
    def from_dockerfile(
        name: str, dockerfile: str, conda_specification: "str | None" = None, pip_requirements: "str | None" = None
    ) -> "Environment":
        """Return an environment in an image that a Dockerfile (its path, or its text) describes."""
        made = files.with_packages(name, conda_specification, pip_requirements)
        made.docker.base_image = None
        made.docker.base_dockerfile = files.text_of(dockerfile)
        found: "Environment" = made
        return found

    @staticmethod
    def from_docker_build_context(name: str, docker_build_context: "DockerBuildContext") -> "Environment":
        """Return an environment in an image that is built from a folder."""
        made = Environment(name)
        made.python.user_managed_dependencies = True
        made.docker.base_image = None
        made.docker.build_context = docker_build_context
        return made

    def clone(self, new_name: str) -> "Environment":
        """Return a copy under another name, not registered yet."""
        if not new_name:
            raise UserErrorException("A clone needs a name.")
        made = copy.deepcopy(self)
        made._registered = None
        made.name, made.version, made.asset_id = new_name, None, None
        return made

    # In a workspace.

    def register(self, workspace: "WorkspaceLike") -> "Environment":
        """Keep this environment in the workspace and return it with its version.

        The same definition as that of the newest version makes no new one.
        """
        if self.name.lower().startswith(("azureml", "microsoft")):
            raise UserErrorException(
                "The name '{}' belongs to curated environments: clone it under another name, "
                "then register that.".format(self.name)
            )
        return self._kept_in(workspace)

    def _kept_in(self, workspace: "WorkspaceLike", in_container: bool = True) -> "Environment":
        kind, text, description = definition.specification(self, in_container)
        found = call("environments.register", workspace, name=self.name, kind=kind, text=text, description=description)
        return Environment._of(found)

    @classmethod
    def _of(cls, found: "dict[str, Any]") -> "Environment":
        made = cls(found["name"])
        definition.fill(made, found)
        return made

    @staticmethod
    def get(
        workspace: "WorkspaceLike | None", name: str, version: "str | None" = None, label: "str | None" = None
    ) -> "Environment":
        """Return an environment of the workspace, or a curated one; the newest without `version`."""
        if version is not None and label is not None:
            raise UserErrorException("Give either the version or the label of an environment.")
        if label not in (None, "latest"):
            raise refused("Environment.get(label='{}')".format(label), "Use the version number.")
        if version is not None and not str(version).isdigit():
            raise AzureMLException(
                "Error retrieving the environment definition: '{}' has no version '{}'; versions here are numbers "
                "from 1.".format(name, version)
            )
        try:
            found = call("environments.get", workspace, _NO_SUCH, name=name, version=int(version or 0))
        except AzureMLException as error:
            raise AzureMLException("Error retrieving the environment definition. {}".format(error.message)) from None
        return Environment._of(found)

    @staticmethod
    def list(workspace: "WorkspaceLike") -> "dict[str, Environment]":
        """Return the newest version of each environment by name, curated ones included."""
        return {found["name"]: Environment._of(found) for found in call("environments.list", workspace)}

    @staticmethod
    def label(workspace: "Any", name: "Any", version: "Any", labels: "Any") -> "NoReturn":
        """Refuse: versions have no labels here."""
        raise refused("Environment.label()", "Use the version number; the newest one is the default.")

    @staticmethod
    def add_private_pip_wheel(workspace: "Any", file_path: "Any", exist_ok: bool = False) -> "NoReturn":
        """Refuse: packages come from the package index alone."""
        raise refused("Environment.add_private_pip_wheel()", "Put the code beside your script; it is copied with it.")

    def build(self, workspace: "WorkspaceLike", image_build_compute: "str | None" = None) -> "ImageBuildDetails":
        """Begin to build this environment and return what follows the build."""
        kept = self if self.version is not None else self._kept_in(workspace)
        call("environments.build", workspace, name=kept.name, version=int(kept.version or 0))
        return ImageBuildDetails(workspace, kept)

    def build_local(self, workspace: "WorkspaceLike", platform: "Any" = None, **kwargs: "Any") -> "ImageBuildDetails":
        """Build this environment on this computer, wait for it, and return what followed the build."""
        details = self.build(workspace)
        details.wait_for_completion(show_output=True)
        return details

    def get_image_details(self, workspace: "WorkspaceLike") -> "dict[str, Any]":
        """Return what is known of the build of this environment."""
        kept = self if self.version is not None else self._kept_in(workspace)
        state = call("environments.build_state", workspace, name=kept.name, version=int(kept.version or 0))["state"]
        return {"imageExistsInRegistry": state == "Ready", "state": state, "name": kept.name, "version": kept.version}

    # As files.

    def save_to_directory(self, path: str, overwrite: bool = False) -> None:
        """Write this environment into a folder, for `load_from_directory`."""
        files.save(self, path, overwrite)

    @staticmethod
    def load_from_directory(path: str) -> "Environment":
        """Return the environment that `save_to_directory` wrote.

        Raises
        ------
        FileNotFoundError
            When the folder holds none.
        """
        found: "Environment" = files.load(Environment, path)
        return found

    # What it is.

    def _definition(self) -> "dict[str, Any]":
        return {key: to_json(getattr(self, name)) for name, key in self._names.items()}

    def _take(self, values: "dict[str, Any]") -> None:
        """Take over the parts of a definition that are there."""
        self._from_json(values)

    def _remember(self, name: str, version: str, curated: bool) -> None:
        self.name, self.version = name, version
        self._registered = (json.dumps(self._definition(), sort_keys=True), curated)

    def _reference(self, workspace: "WorkspaceLike", in_container: bool = False) -> str:
        """Return ``name:version`` of this environment in a workspace, which keeps it from now on if it did not."""
        if self._registered is not None:
            known, curated = self._registered
            if curated or known == json.dumps(self._definition(), sort_keys=True):
                return "{}:{}".format(self.name, self.version)
        kept = self._kept_in(workspace, in_container)
        return "{}:{}".format(kept.name, kept.version)

    def _is_untouched_default(self) -> bool:
        """Whether this is the environment of code that names none."""
        usual = Environment(self.name)
        return self.name == "default-environment" and usual._definition() == self._definition()

    def __str__(self) -> str:
        return "Environment(Name: {},\nVersion: {})".format(self.name, self.version)

    def __repr__(self) -> str:
        return json.dumps(self._definition(), indent=4)
