"""Rebuilding a workspace's database from the folders, and saying whether that is called for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import health
from desktop_aml.system.whole_paths import real_path

if TYPE_CHECKING:
    from desktop_aml.engine.rebuilding.rebuild import RebuildReport


def rebuild(path: Path) -> RebuildReport:
    """Make a new database for the workspace at `path` from its folders; the old one is kept beside it.

    Everything comes back as it was: runs with their states, names, labels, metrics and artifacts, environments with
    their builds, models, datasets and endpoints. Runs that go on are taken up by the next engine.

    Raises
    ------
    WorkspaceInUse
        When a window or an engine has the workspace open.
    StorageError
        When a newer version wrote the workspace, or the disk is full. Nothing is changed then.
    """
    # Imported here: it brings much, and nearly no command rebuilds anything.
    from desktop_aml.engine.rebuilding.rebuild import rebuild as rebuild_folder

    return rebuild_folder(_folder(path))


def database_fault(path: Path) -> str:
    """Return in words what is wrong with the database of a workspace, nothing when it is healthy. Reads all of it."""
    folder = _folder(path)
    folder.check()
    return health.fault_of(folder)


def _folder(path: Path) -> WorkspaceFolder:
    return WorkspaceFolder(real_path(path))
