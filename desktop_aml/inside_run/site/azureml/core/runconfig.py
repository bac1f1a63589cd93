"""`RunConfiguration`: where and in what a script runs."""

import json
import os

from azureml._service import note
from azureml.core import _yaml_text
from azureml.core._environment.sections import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from azureml.core._strict import Strict, to_json
from azureml.core._submit.runconfig_parts import (
    AmlComputeConfiguration,
    Data,
    DataLocation,
    DataPath,
    DataReferenceConfiguration,
    Dataset,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    SparkConfiguration,
    TensorflowConfiguration,
)
from azureml.core.conda_dependencies import CONDA_FILE_NAME, CondaDependencies
from azureml.core.container_registry import ContainerRegistry
from azureml.core.environment import Environment
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "AmlComputeConfiguration",
    "CondaDependencies",
    "ContainerRegistry",
    "Data",
    "DataLocation",
    "DataPath",
    "DataReferenceConfiguration",
    "Dataset",
    "DockerConfiguration",
    "Environment",
    "EnvironmentDefinition",
    "HistoryConfiguration",
    "MpiConfiguration",
    "ParallelTaskConfiguration",
    "PyTorchConfiguration",
    "RunConfiguration",
    "TensorflowConfiguration",
]

EnvironmentDefinition = Environment
"""An older name."""

LOCAL_RUNCONFIG_NAME = "local"
_FOLDERS = (".azureml", "aml_config")


class RunConfiguration(Strict):
    """Script, target, environment and data of a run; `ScriptRunConfig` carries one."""

    _names = {
        "script": "script",
        "arguments": "arguments",
        "command": "command",
        "target": "target",
        "framework": "framework",
        "communicator": "communicator",
        "max_run_duration_seconds": "maxRunDurationSeconds",
        "node_count": "nodeCount",
        "priority": "priority",
        "environment": "environment",
        "history": "history",
        "spark": "spark",
        "hdi": "hdi",
        "docker": "docker",
        "mpi": "mpi",
        "tensorflow": "tensorflow",
        "pytorch": "pytorch",
        "parallel_task": "parallelTask",
        "amlcompute": "amlCompute",
        "data_references": "dataReferences",
        "data": "data",
        "output_data": "outputData",
        "environment_variables": "environmentVariables",
        "source_directory_data_store": "sourceDirectoryDataStore",
        "services": "services",
        "credential_passthrough": "credentialPassthrough",
    }
    _more: "tuple[str, ...]" = ("auto_prepare_environment",)

    def __init__(
        self,
        script: "str | None" = None,
        arguments: "Any" = None,
        framework: "str | None" = None,
        communicator: "str | None" = None,
        conda_dependencies: "CondaDependencies | None" = None,
        _history_enabled: "bool | None" = None,
        _path: "str | None" = None,
        _name: "str | None" = None,
        command: "Any" = None,
    ) -> None:
        self.script = script
        self.arguments = list(arguments) if isinstance(arguments, (list, tuple)) else arguments or []
        self.command = command or ""
        self.target: "Any" = "local"
        self.framework = framework or "Python"
        self.communicator = communicator or "None"
        self.max_run_duration_seconds: "float | None" = None
        self.node_count = 1
        self.priority: "int | None" = None
        self.environment = Environment("default-environment")
        self.history = HistoryConfiguration()
        self.spark = SparkConfiguration()
        self.hdi = HdiConfiguration()
        self.docker = DockerConfiguration()
        self.mpi = MpiConfiguration()
        self.tensorflow = TensorflowConfiguration()
        self.pytorch = PyTorchConfiguration()
        self.parallel_task = ParallelTaskConfiguration()
        self.amlcompute = AmlComputeConfiguration()
        self.data_references: "dict[str, Any]" = {}
        self.data: "dict[str, Any]" = {}
        self.output_data: "dict[str, Any]" = {}
        self.environment_variables: "dict[str, str]" = {}
        self.source_directory_data_store: "str | None" = None
        self.services: "dict[str, Any]" = {}
        self.credential_passthrough = False
        self.auto_prepare_environment = True
        if conda_dependencies is not None:
            self.environment.python.conda_dependencies = conda_dependencies

    def __setattr__(self, name: str, value: "Any") -> None:
        # A compute target may be given as the object; what counts is its name.
        if name == "target":
            value = getattr(value, "name", value) or "local"
        super(RunConfiguration, self).__setattr__(name, value)

    def __repr__(self) -> str:
        values = self._to_json()
        return json.dumps(values, indent=4, default=str)

    def save(
        self, path: "str | None" = None, name: "str | None" = None, separate_environment_yaml: bool = False
    ) -> None:
        """Write this configuration as ``<path>/.azureml/<name>.runconfig``, with its conda specification beside it."""
        folder = _folder(os.path.abspath(path or "."), make=True)
        values = {key: to_json(getattr(self, attribute)) for attribute, key in self._names.items()}
        conda = self.environment.python.conda_dependencies
        if isinstance(conda, CondaDependencies):
            conda.save(os.path.join(folder, CONDA_FILE_NAME))
            python = values["environment"]["python"]
            python["condaDependencies"] = None
            python["condaDependenciesFile"] = "{}/{}".format(os.path.basename(folder), CONDA_FILE_NAME)
        if separate_environment_yaml:
            _write(os.path.join(folder, "environment.yml"), values.pop("environment"))
            values["environmentFile"] = "environment.yml"
        _write(os.path.join(folder, "{}.runconfig".format(name or LOCAL_RUNCONFIG_NAME)), values)

    @staticmethod
    def load(path: str, name: "str | None" = None) -> "RunConfiguration":
        """Return the configuration in a file, or the one called `name` in a project's folder."""
        file = _find(os.path.abspath(path), name or LOCAL_RUNCONFIG_NAME)
        values, _ = _yaml_text.read_file(file)
        if not isinstance(values, dict):
            raise UserErrorException("'{}' is no run configuration.".format(file))
        if values.get("environmentFile"):
            values["environment"], _ = _yaml_text.read_file(
                os.path.join(os.path.dirname(file), values["environmentFile"])
            )
        made = RunConfiguration()
        environment = values.get("environment") or {}
        made._from_json(values)
        conda = (environment.get("python") or {}).get("condaDependenciesFile")
        if conda:
            candidates = [os.path.join(base, conda) for base in _above(os.path.dirname(file))]
            candidates.append(os.path.join(os.path.dirname(file), os.path.basename(conda)))
            found = [candidate for candidate in candidates if os.path.isfile(candidate)]
            if not found:
                raise UserErrorException("'{}' names '{}', and there is no such file.".format(file, conda))
            made.environment.python.conda_dependencies = CondaDependencies(found[0])
        return made

    @staticmethod
    def delete(path: str, name: str) -> None:
        """Remove a configuration of a project."""
        os.unlink(_find(os.path.abspath(path), name))

    @property
    def auto_delete_setting(self) -> None:
        """Accepted and without effect: None."""
        return None

    @auto_delete_setting.setter
    def auto_delete_setting(self, value: object) -> None:
        note("RunConfiguration.auto_delete_setting has no effect: runs stay until they are deleted.")


def _folder(path: str, make: bool = False) -> str:
    if os.path.isdir(path):
        old = os.path.join(path, "aml_config")
        folder = old if os.path.isdir(old) else os.path.join(path, ".azureml")
        if make:
            os.makedirs(folder, exist_ok=True)
        return folder
    raise UserErrorException("There is no folder '{}'.".format(path))


def _find(path: str, name: str) -> str:
    if os.path.isfile(path):
        return path
    for folder in _FOLDERS:
        for ending in (".runconfig", ""):
            candidate = os.path.join(path, folder, name + ending)
            if os.path.isfile(candidate):
                return candidate
    if not os.path.exists(path):
        raise UserErrorException("There is no file or folder '{}' with a run configuration.".format(path))
    raise UserErrorException("There is no run configuration '{}' in '{}'.".format(name, path))


def _above(folder: str) -> "tuple[str, str]":
    return (os.path.dirname(folder), folder)


def _write(path: str, values: "Any") -> None:
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(_yaml_text.dump(values))
