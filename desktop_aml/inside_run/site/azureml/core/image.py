"""Images of the oldest SDK: a scoring script and models under a name, to be deployed from it.

No image is built. What was configured lives as long as the code that made it, and is deployed as `InferenceConfig` is.
"""

import os
import shutil
import tempfile

from azureml._service import not_used, note, refused
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, List

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_INSTEAD = "An image here is only what the code that made it holds: make it again, or use Model.deploy."


class ContainerImageConfig(object):
    """What an image would hold; made by `ContainerImage.image_configuration`."""

    def __init__(
        self,
        execution_script: str,
        runtime: "str | None",
        conda_file: "str | None",
        dependencies: "Iterable[str] | None",
        tags: "dict[str, Any] | None",
        properties: "dict[str, Any] | None",
        description: "str | None",
    ) -> None:
        self.execution_script = execution_script
        self.runtime = runtime
        self.conda_file = conda_file
        self.dependencies = list(dependencies or [])
        self.tags = tags
        self.properties = properties
        self.description = description
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check that the files are there, as Azure does."""
        for path in filter(None, (self.execution_script, self.conda_file, *self.dependencies)):
            if not os.path.exists(path):
                raise UserErrorException("There is no '{}' for the image.".format(os.path.abspath(path)))

    def _inference_config(self) -> "Any":
        from azureml.core.model import InferenceConfig

        if not self.dependencies:
            return InferenceConfig(self.execution_script, runtime=self.runtime, conda_file=self.conda_file)
        folder = tempfile.mkdtemp(prefix="desktop-aml-image-")
        for path in filter(None, (self.execution_script, self.conda_file, *self.dependencies)):
            target = os.path.join(folder, os.path.basename(os.path.normpath(path)))
            (shutil.copytree if os.path.isdir(path) else shutil.copy2)(path, target)
        conda_file = os.path.basename(self.conda_file) if self.conda_file else None
        script = os.path.basename(self.execution_script)
        return InferenceConfig(script, runtime=self.runtime, conda_file=conda_file, source_directory=folder)


class Image(object):
    """A scoring script and models under a name; `create` makes one."""

    creation_state = "Succeeded"
    image_build_log_uri: "str | None" = None
    image_flavor = "WebApiContainer"
    image_location = ""
    image_type = "Docker"
    version = 1
    workspace: "WorkspaceLike"
    name: str
    id: str
    models: "List[Any]"
    tags: "dict[str, str]"
    properties: "dict[str, str]"
    description: "str | None"
    _config: "ContainerImageConfig"

    def __init__(self, workspace: "WorkspaceLike | None" = None, name: "str | None" = None, **kwargs: "Any") -> None:
        raise refused("{}(workspace, name)".format(type(self).__name__), _INSTEAD)

    @staticmethod
    def create(
        workspace: "WorkspaceLike", name: str, models: "Iterable[Any]", image_config: "ContainerImageConfig"
    ) -> "ContainerImage":
        """Return an image with the given models; nothing is built."""
        note("images are not built: the web service is deployed from the script and the models themselves.")
        made = object.__new__(ContainerImage)
        made.workspace, made.name, made.id = workspace, name, "{}:1".format(name)
        made.models, made._config = list(models), image_config
        made.tags, made.properties = dict(image_config.tags or {}), dict(image_config.properties or {})
        made.description = image_config.description
        return made

    @staticmethod
    def list(
        workspace: "WorkspaceLike",
        image_name: "Any" = None,
        model_name: "Any" = None,
        model_id: "Any" = None,
        tags: "Any" = None,
        properties: "Any" = None,
    ) -> "List[Image]":
        """Return no images, and say so: they are not kept."""
        note("Image.list() is empty: an image is what the code that made it holds. Deploy it there.")
        return []

    def wait_for_creation(self, show_output: bool = False) -> None:
        """Return at once: there is nothing to build."""
        if show_output:
            print('Image creation operation finished for image {}, operation "Succeeded"'.format(self.id))

    def update_creation_state(self) -> None:
        """Do nothing: the state does not change."""

    def delete(self) -> None:
        """Do nothing: an image is not kept."""

    def __repr__(self) -> str:
        return "{}(name={}, id={}, creation_state=Succeeded)".format(type(self).__name__, self.name, self.id)


class ContainerImage(Image):
    """A scoring script and models under a name."""

    @staticmethod
    def image_configuration(
        execution_script: str,
        runtime: "str | None",
        conda_file: "str | None" = None,
        docker_file: "str | None" = None,
        schema_file: "str | None" = None,
        dependencies: "Iterable[str] | None" = None,
        enable_gpu: "bool | None" = None,
        tags: "dict[str, Any] | None" = None,
        properties: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        base_image: "str | None" = None,
        base_image_registry: "Any" = None,
        cuda_version: "str | None" = None,
    ) -> "ContainerImageConfig":
        """Return what an image would hold: the script, its packages, more files beside it."""
        not_used(
            "ContainerImage.image_configuration",
            docker_file=docker_file,
            schema_file=schema_file,
            enable_gpu=enable_gpu,
            base_image=base_image,
            base_image_registry=base_image_registry,
            cuda_version=cuda_version,
        )
        return ContainerImageConfig(execution_script, runtime, conda_file, dependencies, tags, properties, description)
