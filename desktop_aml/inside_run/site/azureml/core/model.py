"""`Model`: a registered version of a model, and its way into a web service."""

import os
import re

from azureml._objects import public
from azureml._service import absolute, call, has_labels, labels, moment, refused
from azureml.core._model import files as _model_files
from azureml.core._model import samples as _model_samples
from azureml.core._model.inference_config import InferenceConfig
from azureml.core.resource_configuration import ResourceConfiguration
from azureml.exceptions import ModelPathNotFoundException, UserErrorException, WebserviceException

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["InferenceConfig", "Model", "ModelPackage"]

MODELS_DIR = _model_files.CACHE
_NAME = re.compile(r"^[a-zA-Z0-9][\w.\-]{0,254}$")
_ERRORS = {"*": WebserviceException}


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
        workspace,
        name=None,
        id=None,
        tags=None,
        properties=None,
        version=None,
        run_id=None,
        model_framework=None,
        expand=True,
        **kwargs,
    ):
        if id:
            name, _, number = str(id).partition(":")
            version = int(number) if number.isdigit() else version
        if not name:
            raise WebserviceException("A model is looked up by name or id.")
        found = [
            one
            for one in call("models.list", workspace, _ERRORS, name=name)
            if _fits(one, tags, properties, run_id, model_framework) and version in (None, one["version"])
        ]
        if not found:
            raise WebserviceException(
                "ModelNotFound: Model with name {}{} not found in provided workspace".format(
                    name, "" if version is None else ", version {}".format(version)
                )
            )
        self._take(workspace, found[0])

    def _take(self, workspace, found):
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
    def datasets(self):
        """Lists of the datasets that the model came from, by what they were for."""
        return _model_samples.datasets_of(self.workspace, self.properties)

    @classmethod
    def _of(cls, workspace, found):
        model = cls.__new__(cls)
        model._take(workspace, found)
        return model

    @property
    def sample_input_dataset(self):
        """The dataset whose first rows show what the model takes, or None."""
        return _model_samples.dataset_of(self.workspace, self._found["properties"], _model_samples.INPUT)

    @property
    def sample_output_dataset(self):
        """The dataset whose first rows show what the model gives, or None."""
        return _model_samples.dataset_of(self.workspace, self._found["properties"], _model_samples.OUTPUT)

    @property
    def run(self):
        """The run that the model came from, or None."""
        return self.workspace.get_run(self.run_id) if self.run_id else None

    # Registering and finding.

    @staticmethod
    def register(
        workspace,
        model_path,
        model_name,
        tags=None,
        properties=None,
        description=None,
        datasets=None,
        model_framework=None,
        model_framework_version=None,
        child_paths=None,
        sample_input_dataset=None,
        sample_output_dataset=None,
        resource_configuration=None,
        **kwargs,
    ):
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
            properties=_properties(properties, datasets, sample_input_dataset, sample_output_dataset),
            description=description or "",
            framework=str(model_framework or ""),
            framework_version=str(model_framework_version or ""),
            cpu=getattr(resource_configuration, "cpu", None),
            memory_in_gb=getattr(resource_configuration, "memory_in_gb", None),
        )
        return Model._of(workspace, found)

    @staticmethod
    def list(
        workspace,
        name=None,
        tags=None,
        properties=None,
        run_id=None,
        latest=False,
        dataset_id=None,
        expand=True,
        page_count=255,
        model_framework=None,
    ):
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
        return [Model._of(workspace, one) for one in found if _fits(one, tags, properties, run_id, model_framework)]

    @staticmethod
    def get_model_path(model_name, version=None, _workspace=None):
        """Return the path of a model: from the workspace (of the run), else from ``azureml-models`` in this folder."""
        return _model_files.path_of(model_name, version, _workspace or _workspace_of_run())

    # One version.

    def download(self, target_dir=".", exist_ok=False, exists_ok=None):
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
        tags=None,
        description=None,
        sample_input_dataset=None,
        sample_output_dataset=None,
        resource_configuration=None,
    ):
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

    def _update(self, **changes):
        found = call("models.update", self.workspace, _ERRORS, name=self.name, version=self.version, **changes)
        self._take(self.workspace, found)

    def add_tags(self, tags):
        """Add or change tags."""
        self._update(tags=labels("tags", tags, WebserviceException))

    def remove_tags(self, tags):
        """Remove tags by name."""
        self._update(remove_tags=[tags] if isinstance(tags, str) else list(tags))

    def add_properties(self, properties):
        """Add properties; one that exists keeps its value."""
        added = labels("properties", properties, WebserviceException)
        known = sorted(set(added) & set(self.properties))
        if known:
            raise WebserviceException("Properties that exist cannot be added: {}.".format(", ".join(known)))
        self._update(properties=added)

    def update_tags_properties(self, add_tags=None, remove_tags=None, add_properties=None):
        """Add and remove tags, add properties."""
        if add_properties:
            self.add_properties(add_properties)
        self._update(tags=labels("tags", add_tags, WebserviceException), remove_tags=list(remove_tags or []))

    def add_dataset_references(self, datasets):
        """Keep which datasets the model came from, as properties."""
        self._update(properties=_properties(None, datasets, None, None))

    def delete(self):
        """Remove this version; refused while a web service uses it."""
        call("models.delete", self.workspace, _ERRORS, name=self.name, version=self.version)

    def get_sas_urls(self):
        """Refuse: files are not served from anywhere."""
        raise refused("Model.get_sas_urls()", "Use model.download().")

    def serialize(self):
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

    def __repr__(self):
        return "Model(workspace={!r}, name={}, id={}, version={}, tags={}, properties={})".format(
            self.workspace, self.name, self.id, self.version, self.tags, self.properties
        )

    # Serving.

    @staticmethod
    def deploy(
        workspace,
        name,
        models,
        inference_config=None,
        deployment_config=None,
        deployment_target=None,
        overwrite=False,
        show_output=False,
    ):
        """Begin to serve models as a web service of this computer, and return it."""
        return public("deploy")(
            workspace, name, models, inference_config, deployment_config, deployment_target, overwrite, show_output
        )

    @staticmethod
    def package(workspace, models, inference_config=None, generate_dockerfile=False, image_name=None, image_label=None):
        """Refuse: no image is made."""
        raise refused("Model.package()", "Use Model.deploy, or model.download() and an image of your own.")

    @staticmethod
    def profile(
        workspace,
        profile_name,
        models,
        inference_config,
        input_dataset,
        cpu=None,
        memory_in_gb=None,
        description=None,
    ):
        """Return how quickly a scoring script answers here; `input_dataset` has a request a row, in column one."""
        return public("profile")(workspace, profile_name, models, inference_config, input_dataset, cpu, memory_in_gb)

    @staticmethod
    def print_configuration(models, inference_config, deployment_config, deployment_target):
        """Print what would be deployed."""
        print("Models: {}".format(models))
        print("Inference configuration: {}".format(inference_config))
        print("Deployment configuration: {}".format(deployment_config))


class ModelPackage(object):
    """An image with models in it: not offered."""

    def __init__(self, *args, **kwargs):
        raise refused("ModelPackage()", "Use Model.deploy.")


def _fits(found, tags, properties, run_id, framework):
    return (
        _has_all(found["tags"], tags)
        and _has_all(found["properties"], properties)
        and run_id in (None, found["run_id"])
        and framework in (None, found["framework"])
    )


def _has_all(found, wanted):
    for one in wanted or ():
        pair = one if isinstance(one, (list, tuple)) else [one]
        if not has_labels(found, {pair[0]: pair[1]} if len(pair) > 1 else pair[0], "tags"):
            return False
    return True


def _properties(properties, datasets, sample_input, sample_output):
    found = labels("properties", properties, WebserviceException)
    for purpose, dataset in datasets or ():
        found[_model_samples.PURPOSE + str(purpose)] = str(getattr(dataset, "id", dataset))
    return dict(found, **_model_samples.properties_of(sample_input, sample_output))


def _workspace_of_run():
    from azureml.core.run import Run

    run = Run.get_context()
    try:
        return run.experiment.workspace
    except AttributeError:  # an offline run has no experiment
        return None
