"""`Model`: a registered version of a model, and its way into a web service."""

import os
import re

from azureml._objects import public
from azureml._service import absolute, call, labels, moment, refused
from azureml.core._model import files as _model_files
from azureml.core._model import samples as _model_samples
from azureml.core._model.inference_config import InferenceConfig
from azureml.core._model.matching import fits
from azureml.core.resource_configuration import ResourceConfiguration
from azureml.exceptions import ModelPathNotFoundException, UserErrorException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, List, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["InferenceConfig", "Model", "ModelPackage"]

MODELS_DIR = _model_files.CACHE
_NAME = re.compile(r"^[a-zA-Z0-9][\w.\-]{0,254}$")
_ERRORS: "dict[str, type[Exception]]" = {"*": WebserviceException}


class Model(object):
    """The version of a model that fits, the newest of them.

    Parameters
    ----------
    id : str, optional
        ``"name:version"``.
    tags, properties : list, optional
        Keys, and pairs of key and value, that the model has.

    Raises
    ------
    WebserviceException
        When none fits; the text begins with ModelNotFound.
    """

    class Framework(object):
        """Names of the frameworks."""

        CUSTOM = "Custom"
        TENSORFLOW = "TensorFlow"
        SCIKITLEARN = "ScikitLearn"
        ONNX = "Onnx"
        TFKERAS = "TfKeras"
        PYTORCH = "PyTorch"
        MULTI = "Multi"

    _SUPPORTED_FRAMEWORKS_FOR_NO_CODE_DEPLOY = (Framework.SCIKITLEARN,)

    def __init__(
        self,
        workspace: "WorkspaceLike",
        name: "str | None" = None,
        id: "str | None" = None,
        tags: "Iterable[Any] | None" = None,
        properties: "Iterable[Any] | None" = None,
        version: "int | None" = None,
        run_id: "str | None" = None,
        model_framework: "str | None" = None,
        expand: bool = True,
        **kwargs: "Any",
    ) -> None:
        if id:
            name, _, number = str(id).partition(":")
            version = int(number) if number.isdigit() else version
        if not name:
            raise WebserviceException("A model is looked up by name or id.")
        found = [
            one
            for one in call("models.list", workspace, _ERRORS, name=name)
            if fits(one, tags, properties, run_id, model_framework) and version in (None, one["version"])
        ]
        if not found:
            raise WebserviceException(
                "ModelNotFound: Model with name {}{} not found in provided workspace".format(
                    name, "" if version is None else ", version {}".format(version)
                )
            )
        self._take(workspace, found[0])

    def _take(self, workspace: "WorkspaceLike", found: "dict[str, Any]") -> None:
        self.workspace = workspace
        self._found = found
        self.name = found["name"]
        self.version = found["version"]
        self.id = "{}:{}".format(self.name, self.version)
        self.description = found["description"] or None
        self.created_time = moment(found["created_at"])
        self.created_by = None
        self.tags = dict(found["tags"])
        self.properties = {k: v for k, v in found["properties"].items() if k not in _model_samples.OWN}
        self.model_framework = found["framework"] or Model.Framework.CUSTOM
        self.model_framework_version = found["framework_version"] or None
        self.mime_type = "application/x-python"
        self.url = "aml://asset/{}:{}".format(self.name, self.version)
        self.unpack = len(found["files"]) > 1
        self.run_id = found["run_id"] or None
        self.experiment_name = found["experiment"] or None
        cpu, memory = found["cpu"], found["memory_in_gb"]
        self.resource_configuration = ResourceConfiguration(cpu, memory) if cpu or memory else None

    @property
    def datasets(self) -> "dict[str, List[Any]]":
        """Lists of the datasets that the model came from, by what they were for."""
        return _model_samples.datasets_of(self.workspace, self.properties)

    @classmethod
    def _of(cls, workspace: "WorkspaceLike", found: "dict[str, Any]") -> "Model":
        model = cls.__new__(cls)
        model._take(workspace, found)
        return model

    @property
    def sample_input_dataset(self) -> "Any":
        """The dataset whose first rows show what the model takes, or None."""
        return _model_samples.dataset_of(self.workspace, self._found["properties"], _model_samples.INPUT)

    @property
    def sample_output_dataset(self) -> "Any":
        """The dataset whose first rows show what the model gives, or None."""
        return _model_samples.dataset_of(self.workspace, self._found["properties"], _model_samples.OUTPUT)

    @property
    def run(self) -> "Any":
        """The run that the model came from, or None."""
        return self.workspace.get_run(self.run_id) if self.run_id else None

    # Registering and finding.

    @staticmethod
    def register(
        workspace: "WorkspaceLike",
        model_path: str,
        model_name: str,
        tags: "dict[str, Any] | None" = None,
        properties: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        datasets: "Iterable[tuple[str, Any]] | None" = None,
        model_framework: "str | None" = None,
        model_framework_version: "str | None" = None,
        child_paths: "Any" = None,
        sample_input_dataset: "Any" = None,
        sample_output_dataset: "Any" = None,
        resource_configuration: "Any" = None,
        **kwargs: "Any",
    ) -> "Model":
        """Register a file or folder of this computer as the next version of a model, and return that."""
        if not isinstance(model_name, str) or not _NAME.match(model_name):
            raise WebserviceException(
                "'{}' cannot be the name of a model: it starts with a letter or digit, then has letters, digits, "
                "dots, - and _.".format(model_name)
            )
        if model_framework_version and not model_framework:
            raise WebserviceException("model_framework_version needs model_framework.")
        if child_paths:
            raise refused("Model.register(child_paths=…)", "Register a folder with the files you want.")
        path = absolute(model_path)
        if not os.path.exists(path):
            raise ModelPathNotFoundException("There is no file or folder '{}' to register.".format(model_path))
        print("Registering model {}".format(model_name))
        found = call(
            "models.register",
            workspace,
            _ERRORS,
            name=model_name,
            file=path,
            tags=labels("tags", tags, WebserviceException),
            properties=_model_samples.kept_properties(
                properties, datasets, sample_input_dataset, sample_output_dataset
            ),
            description=description or "",
            framework=str(model_framework or ""),
            framework_version=str(model_framework_version or ""),
            cpu=getattr(resource_configuration, "cpu", None),
            memory_in_gb=getattr(resource_configuration, "memory_in_gb", None),
        )
        return Model._of(workspace, found)

    @staticmethod
    def list(
        workspace: "WorkspaceLike",
        name: "str | None" = None,
        tags: "Iterable[Any] | None" = None,
        properties: "Iterable[Any] | None" = None,
        run_id: "str | None" = None,
        latest: bool = False,
        dataset_id: "str | None" = None,
        expand: bool = True,
        page_count: int = 255,
        model_framework: "str | None" = None,
    ) -> "List[Model]":
        """Return the versions of models that fit, newest first.

        Parameters
        ----------
        tags, properties : list, optional
            Keys, and pairs of key and value.
        """
        if not 20 <= page_count <= 255:
            raise UserErrorException("page_count is from 20 to 255.")
        if dataset_id is not None:
            raise refused("Model.list(dataset_id=…)", "Filter the list by properties.")
        for noun, value in (("tags", tags), ("properties", properties)):
            if value is not None and not isinstance(value, (list, tuple)):
                raise UserErrorException("{} must be a list such as ['key', ['key', 'value']].".format(noun))
        found = call("models.list", workspace, name=name, latest=bool(latest))
        return [Model._of(workspace, one) for one in found if fits(one, tags, properties, run_id, model_framework)]

    @staticmethod
    def get_model_path(model_name: str, version: "int | None" = None, _workspace: "WorkspaceLike | None" = None) -> str:
        """Return the path of a model: from the workspace (of the run), else from ``azureml-models`` in this folder."""
        return _model_files.path_of(model_name, version, _workspace or _workspace_of_run())

    # One version.

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: "bool | None" = None) -> str:
        """Copy the files of this model into a folder and return the file, or the folder that holds them all."""
        allowed = exist_ok or bool(exists_ok)
        files = self._found["files"]
        names = [os.path.basename(files[0])] if len(files) == 1 else files
        there = [name for name in names if os.path.exists(os.path.join(target_dir, name))]
        if there and not allowed:
            raise WebserviceException(
                "'{}' is in '{}' already: use exist_ok=True to replace it.".format(there[0], target_dir)
            )
        return _model_files.download(self.workspace, self._found, target_dir)

    def update(
        self,
        tags: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        sample_input_dataset: "Any" = None,
        sample_output_dataset: "Any" = None,
        resource_configuration: "Any" = None,
    ) -> None:
        """Replace tags, description and sample data."""
        if resource_configuration is not None:
            raise refused("Model.update(resource_configuration=…)", "Register the model again with it.")
        if tags is not None:
            self.tags = labels("tags", tags, WebserviceException)
        gone = [key for key in self._found["tags"] if key not in self.tags] if tags is not None else []
        samples = _model_samples.properties_of(sample_input_dataset, sample_output_dataset)
        self._update(
            tags=self.tags if tags is not None else {}, remove_tags=gone, description=description, properties=samples
        )

    def _update(self, **changes: "Any") -> None:
        found = call("models.update", self.workspace, _ERRORS, name=self.name, version=self.version, **changes)
        self._take(self.workspace, found)

    def add_tags(self, tags: "dict[str, Any]") -> None:
        """Add or change tags."""
        self._update(tags=labels("tags", tags, WebserviceException))

    def remove_tags(self, tags: "str | Iterable[str]") -> None:
        """Remove tags by name."""
        self._update(remove_tags=[tags] if isinstance(tags, str) else list(tags))

    def add_properties(self, properties: "dict[str, Any]") -> None:
        """Add properties; one that exists keeps its value."""
        added = labels("properties", properties, WebserviceException)
        known = sorted(set(added) & set(self.properties))
        if known:
            raise WebserviceException("Properties that exist cannot be added: {}.".format(", ".join(known)))
        self._update(properties=added)

    def update_tags_properties(
        self,
        add_tags: "dict[str, Any] | None" = None,
        remove_tags: "Iterable[str] | None" = None,
        add_properties: "dict[str, Any] | None" = None,
    ) -> None:
        """Add and remove tags, add properties."""
        if add_properties:
            self.add_properties(add_properties)
        self._update(tags=labels("tags", add_tags, WebserviceException), remove_tags=list(remove_tags or []))

    def add_dataset_references(self, datasets: "Iterable[tuple[str, Any]]") -> None:
        """Keep which datasets the model came from, as properties."""
        self._update(properties=_model_samples.kept_properties(None, datasets, None, None))

    def delete(self) -> None:
        """Remove this version; refused while a web service uses it."""
        call("models.delete", self.workspace, _ERRORS, name=self.name, version=self.version)

    def get_sas_urls(self) -> "NoReturn":
        """Refuse: files are not served from anywhere."""
        raise refused("Model.get_sas_urls()", "Use model.download().")

    def serialize(self) -> "dict[str, Any]":
        """Return what is known of this version as a dict."""
        resources = self.resource_configuration
        return {
            "name": self.name,
            "id": self.id,
            "version": self.version,
            "framework": self.model_framework,
            "frameworkVersion": self.model_framework_version,
            "createdBy": self.created_by,
            "createdTime": self.created_time,
            "description": self.description,
            "mimeType": self.mime_type,
            "url": self.url,
            "unpack": self.unpack,
            "tags": self.tags,
            "properties": self.properties,
            "experimentName": self.experiment_name,
            "runId": self.run_id,
            "sampleInputDatasetId": getattr(self.sample_input_dataset, "id", None),
            "sampleOutputDatasetId": getattr(self.sample_output_dataset, "id", None),
            "resourceRequirements": resources.serialize() if resources else None,
        }

    def __repr__(self) -> str:
        return "Model(workspace={!r}, name={}, id={}, version={}, tags={}, properties={})".format(
            self.workspace, self.name, self.id, self.version, self.tags, self.properties
        )

    # Serving.

    @staticmethod
    def deploy(
        workspace: "WorkspaceLike",
        name: str,
        models: "Any",
        inference_config: "Any" = None,
        deployment_config: "Any" = None,
        deployment_target: "Any" = None,
        overwrite: bool = False,
        show_output: bool = False,
    ) -> "Any":
        """Begin to serve models as a web service of this computer, and return it."""
        return public("deploy")(
            workspace, name, models, inference_config, deployment_config, deployment_target, overwrite, show_output
        )

    @staticmethod
    def package(
        workspace: "WorkspaceLike",
        models: "Any",
        inference_config: "Any" = None,
        generate_dockerfile: bool = False,
        image_name: "Any" = None,
        image_label: "Any" = None,
    ) -> "NoReturn":
        """Refuse: no image is made."""
        raise refused("Model.package()", "Use Model.deploy, or model.download() and an image of your own.")

    @staticmethod
    def profile(
        workspace: "WorkspaceLike",
        profile_name: str,
        models: "Any",
        inference_config: "Any",
        input_dataset: "Any",
        cpu: "float | None" = None,
        memory_in_gb: "float | None" = None,
        description: "str | None" = None,
    ) -> "Any":
        """Return how quickly a scoring script answers here; `input_dataset` has a request a row, in column one."""
        return public("profile")(workspace, profile_name, models, inference_config, input_dataset, cpu, memory_in_gb)

    @staticmethod
    def print_configuration(
        models: "Any", inference_config: "Any", deployment_config: "Any", deployment_target: "Any"
    ) -> None:
        """Print what would be deployed."""
        print("Models: {}".format(models))
        print("Inference configuration: {}".format(inference_config))
        print("Deployment configuration: {}".format(deployment_config))


class ModelPackage(object):
    """An image with models in it: not offered."""

    def __init__(self, *args: "Any", **kwargs: "Any") -> None:
        raise refused("ModelPackage()", "Use Model.deploy.")


def _workspace_of_run() -> "WorkspaceLike | None":
    from azureml.core.run import Run

    run = Run.get_context()
    try:
        found: "WorkspaceLike | None" = run.experiment.workspace
    except AttributeError:  # an offline run has no experiment
        return None
    return found
