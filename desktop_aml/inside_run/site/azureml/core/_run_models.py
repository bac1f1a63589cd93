"""The part of a run that registers models; it asks the engine and waits."""

import os

from desktop_aml_run import channel

from azureml.exceptions import ModelPathNotFoundException, ServiceException, UserErrorException

ANSWER_TIME_S = 300.0
"""How long the script waits for an engine."""


class RegisteredModel(object):
    """A version of a model that `register_model` made."""

    def __init__(self, name, version, run, tags, properties, description):
        self.name = name
        self.version = version
        self.id = "{}:{}".format(name, version)
        self.run_id = run.id
        self.experiment_name = run.experiment.name
        self.tags = dict(tags or {})
        self.properties = dict(properties or {})
        self.description = description

    def __repr__(self):
        return "Model(name={}, id={}, version={})".format(self.name, self.id, self.version)


class RunModels(object):
    """Registers what the script made as models of the workspace."""

    def register_model(
        self,
        model_name,
        model_path=None,
        tags=None,
        properties=None,
        model_framework=None,
        model_framework_version=None,
        description=None,
        datasets=None,  # noqa: ARG002 - Azure ML's signature, as the next two
        sample_input_dataset=None,  # noqa: ARG002
        sample_output_dataset=None,  # noqa: ARG002
        resource_configuration=None,
        **kwargs,  # noqa: ARG002
    ):
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
            "model_name": model_name,
            "model_path": path,
            "tags": {str(key): None if value is None else str(value) for key, value in (tags or {}).items()},
            "properties": {str(key): str(value) for key, value in (properties or {}).items()},
            "description": description or "",
            "model_framework": str(model_framework or ""),
            "model_framework_version": str(model_framework_version or ""),
            "cpu": getattr(resource_configuration, "cpu", None),
            "memory_in_gb": getattr(resource_configuration, "memory_in_gb", None),
        }
        reply = self._ask("register_model", body)
        return RegisteredModel(reply["name"], reply["version"], self, tags, properties, description)

    def _model_path(self, path):
        wanted = "/".join(part for part in str(path).replace(os.sep, "/").split("/") if part not in ("", "."))
        names = self._artifacts.names()
        if not any(name == wanted or not wanted or name.startswith(wanted + "/") for name in names):
            raise ModelPathNotFoundException(
                "The run has no file or folder '{}'. It has: {}. Write files to outputs/, or upload them first.".format(
                    wanted, ", ".join(names) or "none yet"
                )
            )
        return wanted

    def _ask(self, kind, body):
        try:
            return channel.ask(self._directory, kind, body, ANSWER_TIME_S)
        except channel.Refused as refusal:
            error = {"NotFound": ModelPathNotFoundException}.get(refusal.error)
            if error is None:
                error = UserErrorException if refusal.error.startswith("Invalid") else ServiceException
            raise error(str(refusal)) from None
        except channel.NoAnswer as error:
            raise ServiceException(str(error)) from None
