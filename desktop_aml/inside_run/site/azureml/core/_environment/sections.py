"""The sections of an `Environment`: Python, Docker, Spark and the rest, with the names that scripts set."""

from azureml._objects import public
from azureml.core._strict import Strict
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.container_registry import ContainerRegistry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml._objects import WorkspaceLike


DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:20251130.v1"


class PythonSection(Strict):
    """Which Python, and its packages."""

    _names = {
        "interpreter_path": "interpreterPath",
        "user_managed_dependencies": "userManagedDependencies",
        "conda_dependencies": "condaDependencies",
        "base_conda_environment": "baseCondaEnvironment",
    }
    _more: "tuple[str, ...]" = ("conda_dependencies_file",)

    def __init__(self) -> None:
        self.interpreter_path = "python"
        self.user_managed_dependencies = False
        self.conda_dependencies: "CondaDependencies | None" = CondaDependencies()
        self.conda_dependencies_file: "str | None" = None
        self.base_conda_environment: "str | None" = None

    def __setattr__(self, name: str, value: "Any") -> None:
        super(PythonSection, self).__setattr__(name, value)
        if name == "conda_dependencies_file" and value:
            self.conda_dependencies = CondaDependencies(value)

    def _to_json(self) -> "dict[str, Any]":
        values = super(PythonSection, self)._to_json()
        conda = self.conda_dependencies
        values["condaDependencies"] = conda.as_dict() if isinstance(conda, CondaDependencies) else None
        return values

    def _from_json(self, values: "dict[str, Any]") -> None:
        conda = values.get("condaDependencies")
        super(PythonSection, self)._from_json({key: one for key, one in values.items() if key != "condaDependencies"})
        if isinstance(conda, dict):
            self.conda_dependencies = CondaDependencies(_underlying_structure=conda)


class DockerImagePlatform(Strict):
    """Operating system and processor of an image."""

    _names = {"os": "os", "architecture": "architecture"}

    def __init__(self) -> None:
        self.os = "Linux"
        self.architecture = "amd64"


class DockerSection(Strict):
    """The image under the packages. Three ways to name it exclude each other: image, Dockerfile, build context."""

    _names = {
        "base_image": "baseImage",
        "base_dockerfile": "baseDockerfile",
        "build_context": "buildContext",
        "base_image_registry": "baseImageRegistry",
        "platform": "platform",
        "enabled": "enabled",
        "shared_volumes": "sharedVolumes",
        "shm_size": "shmSize",
        "arguments": "arguments",
    }
    _more: "tuple[str, ...]" = ("gpu_support",)

    def __init__(self) -> None:
        self.base_image: "str | None" = DEFAULT_CPU_IMAGE
        self.base_dockerfile: "str | None" = None
        self.build_context: "DockerBuildContext | None" = None
        self.base_image_registry = ContainerRegistry()
        self.platform = DockerImagePlatform()
        self.enabled = False
        self.shared_volumes = True
        self.shm_size = "2g"
        self.arguments: "list[str]" = []
        self.gpu_support = True


class DockerBuildContext(Strict):
    """A folder with a Dockerfile."""

    _names = {"location": "location", "dockerfile_path": "dockerfilePath", "location_type": "locationType"}

    def __init__(
        self, location_type: "str | None" = None, location: "str | None" = None, dockerfile_path: str = "Dockerfile"
    ) -> None:
        self.location = location
        self.dockerfile_path = dockerfile_path
        self.location_type = location_type

    @classmethod
    def from_local_directory(
        cls, workspace: "WorkspaceLike", path: object, dockerfile_path: str = "Dockerfile"
    ) -> "DockerBuildContext":
        """Return the build context in a folder of this computer."""
        return cls("local", str(path), dockerfile_path)


class SparkPackage(Strict):
    """A package of Spark."""

    _names = {"group": "group", "artifact": "artifact", "version": "version"}

    def __init__(self, group: "str | None" = None, artifact: "str | None" = None, version: "str | None" = None) -> None:
        self.group = group
        self.artifact = artifact
        self.version = version


class SparkSection(Strict):
    """Packages of Spark: kept, and without effect here."""

    _names = {"repositories": "repositories", "packages": "packages", "precache_packages": "precachePackages"}

    def __init__(self) -> None:
        self.repositories: "list[str]" = []
        self.packages: "list[SparkPackage]" = []
        self.precache_packages = True


class DatabricksSection(Strict):
    """Libraries of Databricks: kept, and without effect here."""

    _names = {
        "maven_libraries": "mavenLibraries",
        "pypi_libraries": "pypiLibraries",
        "rcran_libraries": "rcranLibraries",
        "jar_libraries": "jarLibraries",
        "egg_libraries": "eggLibraries",
    }

    _more: "tuple[str, ...]" = ("cluster",)

    def __init__(self) -> None:
        self.cluster: "Any" = None
        self.maven_libraries: "list[Any]" = []
        self.pypi_libraries: "list[Any]" = []
        self.rcran_libraries: "list[Any]" = []
        self.jar_libraries: "list[Any]" = []
        self.egg_libraries: "list[Any]" = []


class RSection(Strict):
    """R: kept, and without effect here."""

    _names = {"r_version": "rVersion", "cran_packages": "cranPackages", "user_managed": "userManaged"}

    def __init__(self) -> None:
        self.r_version: "str | None" = None
        self.cran_packages: "list[Any] | None" = None
        self.user_managed = False


class EnvironmentReference(object):
    """The name and version of an environment."""

    def __init__(self, name: str, version: "str | None" = None) -> None:
        self.name = name
        self.version = version

    def get_environment(self, workspace: "WorkspaceLike") -> "Any":
        """Return the environment."""
        return public("Environment").get(workspace, self.name, self.version)
