"""Which workspace is meant: the one above the current folder, else the last used, else the default one."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.domain.errors import DatabaseLost, StorageError
from desktop_aml.settings import Settings, load, user_directories
from desktop_aml.store.database import Database, check, migrate
from desktop_aml.store.folder import WorkspaceFolder, find_upwards
from desktop_aml.store.record import health
from desktop_aml.system.whole_paths import real_path
from desktop_aml.workspace import trust


def locate(start: Path) -> Path | None:
    """Return the workspace meant by a command that names none, or None when there is none yet.

    Parameters
    ----------
    start : Path
        The current folder.
    """
    found = find_upwards(start)
    if found is not None:
        return found
    for candidate in (load().last_workspace, str(default_workspace())):
        if candidate and (Path(candidate) / "config.json").is_file():
            return Path(candidate)
    return None


def missing_last() -> Path | None:
    """Return where the workspace used last was, when it is there no more: moved, deleted, or on a disk that is away."""
    last = load().last_workspace
    return Path(last) if last and not (Path(last) / "config.json").is_file() else None


def default_workspace() -> Path:
    """Return where the default workspace is, or would be made."""
    return user_directories().data / "default-workspace"


def sample_workspace() -> Path:
    """Return where the workspace of the sample is, or would be made."""
    return user_directories().data / "sample-workspace"


def remembered(settings: Settings, path: Path) -> Settings:
    """Return settings that remember the workspace at `path` as opened.

    The sample, the workspaces of demos and those that are not trusted never become the one that a command without a
    workspace means.
    """
    is_meant = not is_passing(path) and trust.verdict(WorkspaceFolder(path)).is_trusted
    return settings.with_opened(path, meant=is_meant)


def is_passing(path: Path) -> bool:
    """Whether the workspace at `path` is the sample or a demo's."""
    return path == real_path(sample_workspace()) or WorkspaceFolder(path).identity().is_passing


def named_workspaces() -> Path:
    """Return the folder of the workspaces that Azure ML code made or named, one folder each."""
    return user_directories().data / "workspaces"


def check_readable(folder: WorkspaceFolder) -> None:
    """Make sure that the folder is a workspace with a readable database of the current schema.

    Raises
    ------
    NotFound
        When it is not a workspace.
    StorageError
        When its database is damaged or cannot be read, or is missing or empty beside folders that are full.
    """
    folder.check()
    missing = health.missing_beside_folders(folder)
    if missing:
        # An empty one would be made here, and all would seem to be lost.
        raise DatabaseLost(
            missing,
            f'Make it again from the folders: desktop-aml workspace rebuild "{folder.root}"',
        )
    migrate(folder.database)
    try:
        with Database(folder.database, read_only=True) as db:
            db.one("SELECT count(*) FROM run WHERE state = 'Running'")
            db.one("SELECT max(sequence) FROM history")
    except StorageError as error:
        verdict = check(folder.database)
        raise type(error)(error.message, error.hint, details=f"{error.details}\n{verdict}".strip()) from error
