"""The parts of a `RunConfiguration`, with the names that scripts set and the keys of its file."""

from azureml.core._strict import Strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class DockerConfiguration(Strict):
    """Whether a run is to be in a container, and how."""

    _names = {
        "use_docker": "useDocker",
        "shared_volumes": "sharedVolumes",
        "arguments": "arguments",
        "shm_size": "shmSize",
    }

    def __init__(
        self,
        use_docker: bool = False,
        shared_volumes: bool = True,
        arguments: "Iterable[str] | None" = None,
        shm_size: str = "2g",
    ) -> None:
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments or [])
        self.shm_size = shm_size


class HistoryConfiguration(Strict):
    """What is kept of a run."""

    _names = {
        "output_collection": "outputCollection",
        "snapshot_project": "snapshotProject",
        "directories_to_watch": "directoriesToWatch",
    }

    def __init__(self) -> None:
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch = ["logs"]


class MpiConfiguration(Strict):
    """Processes of MPI: only one on one node can run here."""

    _names = {"process_count_per_node": "processCountPerNode", "node_count": "nodeCount"}

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count


class TensorflowConfiguration(Strict):
    """Processes of TensorFlow: only one worker can run here."""

    _names = {"worker_count": "workerCount", "parameter_server_count": "parameterServerCount"}

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count


class PyTorchConfiguration(Strict):
    """Processes of PyTorch: only one on one node can run here."""

    _names = {
        "communication_backend": "communicationBackend",
        "process_count": "processCount",
        "node_count": "nodeCount",
    }

    def __init__(
        self, communication_backend: str = "Nccl", process_count: "int | None" = None, node_count: int = 1
    ) -> None:
        self.communication_backend = communication_backend
        self.process_count = process_count
        self.node_count = node_count


class ParallelTaskConfiguration(Strict):
    """Parallel tasks: kept, and without effect here."""

    _names = {"max_retries_per_worker": "maxRetriesPerWorker", "worker_count_per_node": "workerCountPerNode"}

    def __init__(self) -> None:
        self.max_retries_per_worker = 0
        self.worker_count_per_node = 1


class AmlComputeConfiguration(Strict):
    """The size of a cluster that is made for one run: kept, and without effect here."""

    _names = {
        "vm_size": "vmSize",
        "vm_priority": "vmPriority",
        "retain_cluster": "retainCluster",
        "name": "name",
        "cluster_max_node_count": "clusterMaxNodeCount",
    }

    def __init__(self) -> None:
        self.vm_size: "str | None" = None
        self.vm_priority: "str | None" = None
        self.retain_cluster = False
        self.name: "str | None" = None
        self.cluster_max_node_count: "int | None" = None


class SparkConfiguration(Strict):
    """Spark: kept, and without effect here."""

    _names = {"configuration": "configuration"}

    def __init__(self) -> None:
        self.configuration: "dict[str, Any]" = {}


class HdiConfiguration(Strict):
    """HDInsight: kept, and without effect here."""

    _names = {"yarn_deploy_mode": "yarnDeployMode"}

    def __init__(self) -> None:
        self.yarn_deploy_mode = "cluster"


class DataReferenceConfiguration(Strict):
    """A folder of a datastore that a run gets."""

    _names = {
        "data_store_name": "dataStoreName",
        "path_on_data_store": "pathOnDataStore",
        "mode": "mode",
        "overwrite": "overwrite",
        "path_on_compute": "pathOnCompute",
    }

    def __init__(
        self,
        datastore_name: "str | None" = None,
        mode: str = "mount",
        path_on_datastore: "str | None" = None,
        path_on_compute: "str | None" = None,
        overwrite: bool = False,
    ) -> None:
        self.data_store_name = datastore_name
        self.mode = mode
        self.path_on_data_store = path_on_datastore
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite


class DataPath(Strict):
    """A path of a datastore."""

    _names = {"datastore_name": "datastoreName", "relative_path": "relativePath"}

    def __init__(self, datastore_name: "str | None" = None, relative_path: "str | None" = None) -> None:
        self.datastore_name = datastore_name
        self.relative_path = relative_path


class Dataset(Strict):
    """A dataset by its identifier, or by its name with a version or the newest."""

    _names = {"dataset_id": "id", "dataset_name": "name", "dataset_version": "version"}

    def __init__(
        self,
        dataset_id: "str | None" = None,
        dataset_name: "str | None" = None,
        dataset_version: "int | str | None" = None,
    ) -> None:
        self.dataset_id = dataset_id
        self.dataset_name = dataset_name
        self.dataset_version = dataset_version


class DataLocation(Strict):
    """Where the data of a run is: a dataset, or a path of a datastore."""

    _names = {"dataset": "dataset", "data_path": "dataPath"}

    def __init__(self, dataset: "Dataset | None" = None, data_path: "DataPath | None" = None) -> None:
        self.dataset = dataset
        self.data_path = data_path

    def _from_json(self, values: "dict[str, Any]") -> None:
        parts = {key.lower(): part for key, part in values.items() if isinstance(part, dict)}
        for name, part in (("dataset", Dataset()), ("data_path", DataPath())):
            given = parts.get(name.replace("_", ""))
            if given is not None:
                part._from_json(given)
                setattr(self, name, part)


class Data(Strict):
    """Data that a run gets."""

    _names = {
        "data_location": "dataLocation",
        "create_output_directories": "createOutputDirectories",
        "mechanism": "mechanism",
        "environment_variable_name": "environmentVariableName",
        "path_on_compute": "pathOnCompute",
        "overwrite": "overwrite",
        "options": "options",
    }

    def __init__(
        self,
        data_location: "Any" = None,
        create_output_directories: "bool | None" = None,
        mechanism: str = "direct",
        environment_variable_name: "str | None" = None,
        path_on_compute: "str | None" = None,
        overwrite: bool = False,
        options: "Any" = None,
    ) -> None:
        self.data_location = data_location
        self.create_output_directories = create_output_directories
        self.mechanism = mechanism
        self.environment_variable_name = environment_variable_name
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite
        self.options = options
