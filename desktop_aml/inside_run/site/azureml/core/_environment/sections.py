"""The sections of an `Environment`: Python, Docker, Spark and the rest, with the names that scripts set."""

from azureml._objects import public
from azureml.core._strict import Strict
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.container_registry import ContainerRegistry

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
    _more = ("conda_dependencies_file",)

    def __init__(self):
        self.interpreter_path = "python"
        self.user_managed_dependencies = False
        self.conda_dependencies = CondaDependencies()
        self.conda_dependencies_file = None
        self.base_conda_environment = None

    def __setattr__(self, name, value):
        super(PythonSection, self).__setattr__(name, value)
        if name == "conda_dependencies_file" and value:
            self.conda_dependencies = CondaDependencies(value)

    def _to_json(self):
        values = super(PythonSection, self)._to_json()
        conda = self.conda_dependencies
        values["condaDependencies"] = conda.as_dict() if isinstance(conda, CondaDependencies) else None
        return values

    def _from_json(self, values):
        conda = values.get("condaDependencies")
        super(PythonSection, self)._from_json({key: one for key, one in values.items() if key != "condaDependencies"})
        if isinstance(conda, dict):
            self.conda_dependencies = CondaDependencies(_underlying_structure=conda)


class DockerImagePlatform(Strict):
    """Operating system and processor of an image."""

    _names = {"os": "os", "architecture": "architecture"}

    def __init__(self):
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
    _more = ("gpu_support",)

    def __init__(self):
        self.base_image = DEFAULT_CPU_IMAGE
        self.base_dockerfile = None
        self.build_context = None
        self.base_image_registry = ContainerRegistry()
        self.platform = DockerImagePlatform()
        self.enabled = False
        self.shared_volumes = True
        self.shm_size = "2g"
        self.arguments = []
        self.gpu_support = True


class DockerBuildContext(Strict):
    """A folder with a Dockerfile."""

    _names = {"location": "location", "dockerfile_path": "dockerfilePath", "location_type": "locationType"}

    def __init__(self, location_type=None, location=None, dockerfile_path="Dockerfile"):
        self.location = location
        self.dockerfile_path = dockerfile_path
        self.location_type = location_type

    @classmethod
    def from_local_directory(cls, workspace, path, dockerfile_path="Dockerfile"):
        """Return the build context in a folder of this computer."""
        return cls("local", str(path), dockerfile_path)


class SparkPackage(Strict):
    """A package of Spark."""

    _names = {"group": "group", "artifact": "artifact", "version": "version"}

    def __init__(self, group=None, artifact=None, version=None):
        self.group = group
        self.artifact = artifact
        self.version = version


class SparkSection(Strict):
    """Packages of Spark: kept, and without effect here."""

    _names = {"repositories": "repositories", "packages": "packages", "precache_packages": "precachePackages"}

    def __init__(self):
        self.repositories = []
        self.packages = []
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

    _more = ("cluster",)

    def __init__(self):
        self.cluster = None
        self.maven_libraries = []
        self.pypi_libraries = []
        self.rcran_libraries = []
        self.jar_libraries = []
        self.egg_libraries = []


class RSection(Strict):
    """R: kept, and without effect here."""

    _names = {"r_version": "rVersion", "cran_packages": "cranPackages", "user_managed": "userManaged"}

    def __init__(self):
        self.r_version = None
        self.cran_packages = None
        self.user_managed = False


class EnvironmentReference(object):
    """The name and version of an environment."""

    def __init__(self, name, version=None):
        self.name = name
        self.version = version

    def get_environment(self, workspace):
        """Return the environment."""
        return public("Environment").get(workspace, self.name, self.version)
