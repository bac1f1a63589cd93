"""What Azure ML code keeps with a workspace: the compute targets it made, and what it wrote about experiments."""

from __future__ import annotations

import msgspec

from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.side_files import SideFiles


class ComputeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A compute target of Azure ML code: a name for a place on this computer.

    Parameters
    ----------
    kind : str
        Azure's name of it, such as ``AmlCompute``.
    vm_size : str
        What the code asked for; kept, and without effect here.
    min_nodes, max_nodes : int
        `max_nodes` is how many of its runs the code would have had at once.
    runs_on : str
        Where runs for it execute: ``local``, or another target of the workspace that the user mapped it to.
    """

    kind: str
    created_at: float
    vm_size: str = ""
    min_nodes: int = 0
    max_nodes: int = 1
    idle_seconds: int = 1800
    runs_on: str = "local"
    tags: dict[str, str] = {}


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


def experiments(folder: WorkspaceFolder) -> SideFiles[ExperimentRecord]:
    """Return what is written about the experiments of a workspace."""
    return SideFiles(folder.side_files / "experiments", ExperimentRecord, "experiment")


def experiment_id(folder: WorkspaceFolder, name: str) -> str:
    """Return the identifier of an experiment: always the same for a name in a workspace."""
    return folder.identity().experiment_id(name)
