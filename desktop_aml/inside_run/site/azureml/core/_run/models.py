"""The part of a run that registers models; it asks the engine and waits."""

import os

from desktop_aml_run import channel

from azureml._objects import public
from azureml._service import labels
from azureml.core._model import samples as _model_samples
from azureml.core._run.files import RunFiles, artifact_path
from azureml.exceptions import AzureMLException, ModelPathNotFoundException, ServiceException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


ANSWER_TIME_S = 300.0
"""How long the script waits for an engine."""


class RegisteredModel(object):
    """A version of a model that `register_model` made."""

    def __init__(
        self,
        name: str,
        version: int,
        run: "Any",
        tags: "Mapping[str, Any] | None",
        properties: "Mapping[str, Any] | None",
        description: "str | None",
    ) -> None:
        self.name = name
        self.version = version
        self.id = "{}:{}".format(name, version)
        self.run_id = run.id
        self.experiment_name = run.experiment.name
        self.tags = dict(tags or {})
        self.properties = dict(properties or {})
        self.description = description

        self._run = run
        self._whole: "Any" = None

    def __getattr__(self, name: str) -> "Any":
        if name.startswith("_"):
            raise AttributeError(name)
        if self._whole is None:
            self._whole = _model(self._run, self.name, self.version)
        return getattr(self._whole, name)

    def __repr__(self) -> str:
        return "Model(name={}, id={}, version={})".format(self.name, self.id, self.version)


class RunModels(RunFiles):
    """Registers what the script made as models of the workspace."""

    def register_model(
        self,
        model_name: str,
        model_path: "str | None" = None,
        tags: "Any" = None,
        properties: "Any" = None,
        model_framework: "str | None" = None,
        model_framework_version: "str | None" = None,
        description: "str | None" = None,
        datasets: "Any" = None,
        sample_input_dataset: "Any" = None,
        sample_output_dataset: "Any" = None,
        resource_configuration: "Any" = None,
        **kwargs: "Any",
    ) -> "Any":
        """Register a file or folder of the run's artifacts as the next version of a model, and return that.

        Raises
        ------
        ModelPathNotFoundException
            When the run has no such artifact.
        ServiceException
            When no engine answers.
        """
        path = self._model_path(model_name if model_path is None else model_path)
        self.flush()
        body = {
            "tags": labels("tags", tags),
            "properties": dict(
                labels("properties", properties),
                **_model_samples.properties_of(sample_input_dataset, sample_output_dataset),
            ),
            "description": description or "",
            "cpu": getattr(resource_configuration, "cpu", None),
            "memory_in_gb": getattr(resource_configuration, "memory_in_gb", None),
        }
        framework = {
            "framework": str(model_framework or ""),
            "framework_version": str(model_framework_version or ""),
        }
        if not (self._own and self.type):
            reply = self._ask(
                "models.register",
                errors={"NotFound": ModelPathNotFoundException},
                name=model_name,
                path=path or ".",
                **body,
                **framework,
            )
            return _model(self, reply["name"], reply["version"])
        body.update({"model_name": model_name, "model_path": path})
        body.update({"model_" + key: value for key, value in framework.items()})
        reply = _ask_engine(self._directory, "register_model", body)
        return RegisteredModel(reply["name"], reply["version"], self, tags, properties, description)

    def _model_path(self, path: str) -> str:
        wanted = artifact_path(path)
        names = self.get_file_names()
        if any(name == wanted or not wanted or name.startswith(wanted + "/") for name in names):
            return wanted or "."
        if self._own and wanted and os.path.exists(os.path.join(self._directory, "snapshot", *wanted.split("/"))):
            # What the script wrote beside itself is kept as well; what it only brought along the engine refuses.
            return wanted
        raise ModelPathNotFoundException(
            "The run has no file or folder '{}'. It has: {}. Write files to outputs/, or upload them first.".format(
                wanted, ", ".join(names) or "none yet"
            )
        )


def _model(run: "Any", name: str, version: int) -> "Any":
    return public("Model")(run.experiment.workspace, name=name, version=version)


def _ask_engine(directory: str, kind: str, body: "dict[str, Any]") -> "dict[str, Any]":
    try:
        answer: "dict[str, Any]" = channel.ask(directory, kind, body, ANSWER_TIME_S)
    except channel.Refused as refusal:
        error: "type[AzureMLException]" = ModelPathNotFoundException
        if refusal.error != "NotFound":
            error = UserErrorException if refusal.error.startswith("Invalid") else ServiceException
        raise error(str(refusal)) from None
    except channel.NoAnswer as silence:
        raise ServiceException(str(silence)) from None
    return answer
