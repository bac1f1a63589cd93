"""What Azure ML code keeps with a workspace: the compute targets it made, and what it wrote about experiments."""

from __future__ import annotations

import logging

import msgspec

from desktop_aml.domain.computes.batch import BatchJobs
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.targets import DASK, FAR_PYTHON, ClusterSpec, TlsFiles, check_cluster
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.side_files import SideFiles

_log = logging.getLogger(__name__)


class ComputeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A compute target: a name of Azure ML code for a place on this computer, or a Dask cluster.

    Parameters
    ----------
    kind : str
        Azure's name of it, such as ``AmlCompute``; `domain.targets.DASK` for a cluster, which runs can go to.
    vm_size : str
        What the code asked for; kept, and without effect here.
    min_nodes, max_nodes : int
        `max_nodes` is how many of its runs the code would have had at once.
    runs_on : str
        Where runs for it execute: ``local``, or another target of the workspace that the user mapped it to.
    address, tls_ca, tls_certificate, tls_key, hosts, python, batch
        Of a cluster, see `ClusterSpec`.
    """

    kind: str
    created_at: float
    vm_size: str = ""
    min_nodes: int = 0
    max_nodes: int = 1
    idle_seconds: int = 1800
    runs_on: str = "local"
    tags: dict[str, str] = {}
    address: str = ""
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    hosts: tuple[str, ...] = ()
    python: str = FAR_PYTHON
    batch: BatchJobs = BatchJobs()


class ExperimentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was written about an experiment. `archived_at` is Unix time, or None while it is active."""

    created_at: float
    tags: dict[str, str] = {}
    archived_at: float | None = None


class SecretRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A secret of Azure ML code; its file is readable by the user alone."""

    value: str


def secrets(folder: WorkspaceFolder) -> SideFiles[SecretRecord]:
    """Return the secrets of a workspace."""
    return SideFiles(folder.side_files / "secrets", SecretRecord, "secret")


def computes(folder: WorkspaceFolder) -> SideFiles[ComputeRecord]:
    """Return the compute targets of a workspace."""
    return SideFiles(folder.side_files / "computes", ComputeRecord, "compute target")


def looks_of_computes(folder: WorkspaceFolder) -> tuple[int, ...]:
    """Return what changes whenever a compute target was written or removed; quick."""
    try:
        found = (folder.side_files / "computes").stat()
    except FileNotFoundError:
        return ()
    return found.st_mtime_ns, found.st_ino


def clusters(folder: WorkspaceFolder) -> dict[str, ClusterSpec]:
    """Return the computes of a workspace that are clusters; one that makes no sense is left out, with a word."""
    records = computes(folder)
    found = {}
    for name in records.names():
        try:
            record = records.get(name)
            if record is not None and record.kind == DASK:
                found[name] = cluster_of(name, record)
        except DesktopAMLError as error:
            _log.warning("The compute “%s” is left out: %s", name, error.message)
    return found


def cluster_of(name: str, record: ComputeRecord) -> ClusterSpec:
    """Return the cluster that a compute is.

    Raises
    ------
    InvalidInput
        When what is written of it makes no sense, or is not safe.
    """
    return check_cluster(
        ClusterSpec(
            name=name,
            address=record.address,
            min_nodes=record.min_nodes,
            max_nodes=record.max_nodes,
            idle_s=record.idle_seconds,
            tls=TlsFiles(ca=record.tls_ca, certificate=record.tls_certificate, key=record.tls_key),
            hosts=record.hosts,
            python=record.python,
            batch=record.batch,
        )
    )


def experiments(folder: WorkspaceFolder) -> SideFiles[ExperimentRecord]:
    """Return what is written about the experiments of a workspace."""
    return SideFiles(folder.side_files / "experiments", ExperimentRecord, "experiment")


def experiment_id(folder: WorkspaceFolder, name: str) -> str:
    """Return the identifier of an experiment: always the same for a name in a workspace."""
    return folder.identity().experiment_id(name)
