"""Libraries and clusters of Databricks: kept, and without effect here."""

from azureml.core._environment.sections import DatabricksSection
from azureml.core._strict import Strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = [
    "DatabricksCluster",
    "DatabricksSection",
    "EggLibrary",
    "JarLibrary",
    "MavenLibrary",
    "PyPiLibrary",
    "RCranLibrary",
]


class MavenLibrary(Strict):
    """A package of Maven."""

    _names = {"coordinates": "coordinates", "repo": "repo", "exclusions": "exclusions"}

    def __init__(
        self, coordinates: "str | None" = None, repo: "str | None" = None, exclusions: "list[str] | None" = None
    ) -> None:
        self.coordinates = coordinates
        self.repo = repo
        self.exclusions = exclusions or []


class PyPiLibrary(Strict):
    """A package of PyPI."""

    _names = {"package": "package", "repo": "repo"}

    def __init__(self, package: "str | None" = None, repo: "str | None" = None) -> None:
        self.package = package
        self.repo = repo


class RCranLibrary(Strict):
    """A package of CRAN."""

    _names = {"package": "package", "repo": "repo"}

    def __init__(self, package: "str | None" = None, repo: "str | None" = None) -> None:
        self.package = package
        self.repo = repo


class JarLibrary(Strict):
    """A file of Java classes."""

    _names = {"library": "library"}

    def __init__(self, library: "str | None" = None) -> None:
        self.library = library


class EggLibrary(Strict):
    """An egg of Python."""

    _names = {"library": "library"}

    def __init__(self, library: "str | None" = None) -> None:
        self.library = library


class DatabricksCluster(Strict):
    """A cluster of Databricks."""

    _names = {
        "existing_cluster_id": "existingClusterId",
        "spark_version": "sparkVersion",
        "node_type": "nodeType",
        "instance_pool_id": "instancePoolId",
        "num_workers": "numWorkers",
        "min_workers": "minWorkers",
        "max_workers": "maxWorkers",
        "spark_env_variables": "sparkEnvVariables",
        "spark_conf": "sparkConf",
        "init_scripts": "initScripts",
        "cluster_log_dbfs_path": "clusterLogDbfsPath",
        "permit_cluster_restart": "permitClusterRestart",
    }

    def __init__(
        self,
        existing_cluster_id: "Any" = None,
        spark_version: "Any" = None,
        node_type: "Any" = None,
        instance_pool_id: "Any" = None,
        num_workers: "Any" = None,
        min_workers: "Any" = None,
        max_workers: "Any" = None,
        spark_env_variables: "Any" = None,
        spark_conf: "Any" = None,
        init_scripts: "Any" = None,
        cluster_log_dbfs_path: "Any" = None,
        permit_cluster_restart: "Any" = None,
    ) -> None:
        self.existing_cluster_id = existing_cluster_id
        self.spark_version = spark_version
        self.node_type = node_type
        self.instance_pool_id = instance_pool_id
        self.num_workers = num_workers
        self.min_workers = min_workers
        self.max_workers = max_workers
        self.spark_env_variables = spark_env_variables
        self.spark_conf = spark_conf
        self.init_scripts = init_scripts
        self.cluster_log_dbfs_path = cluster_log_dbfs_path
        self.permit_cluster_restart = permit_cluster_restart
