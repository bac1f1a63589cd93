"""Workspaces by name: Azure ML code names a workspace and a subscription, never a folder.

A workspace that such code names and that is none of ours is a folder below the user's data; it is made on first use.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.names import check_thing_name
from desktop_aml.settings import load
from desktop_aml.store.folder import WorkspaceFolder, WorkspaceIdentity, find_upwards
from desktop_aml.workspace import trust
from desktop_aml.workspace.opening import default_workspace, is_passing, named_workspaces


@dataclass(frozen=True, slots=True)
class NamedFolder:
    """A workspace's folder, and whether it was made just now."""

    path: Path
    made: bool = False


def known_workspaces() -> dict[Path, WorkspaceIdentity]:
    """Return every workspace of this user that Desktop AML knows of, the one used last first."""
    remembered = load()
    candidates = [remembered.last_workspace, *(recent.path for recent in remembered.recent_workspaces)]
    folders = [Path(candidate) for candidate in candidates if candidate]
    folders += sorted(path for path in named_workspaces().glob("*") if path.is_dir())
    folders.append(default_workspace())
    found: dict[Path, WorkspaceIdentity] = {}
    for path in folders:
        folder = WorkspaceFolder(path)
        if path not in found and folder.is_workspace():
            found[path] = folder.identity()
    return found


def identity_of(path: Path) -> WorkspaceIdentity:
    """Return who the workspace in a folder is."""
    return WorkspaceFolder(path).identity()


def distrust_of(path: Path) -> str:
    """Return why the workspace in a folder may run no code, in words; empty when it may."""
    return trust.verdict(WorkspaceFolder(path)).obstacle


def let_run(path: Path) -> None:
    """Let the workspace in a folder run code from now on, see `trust.trust`."""
    trust.trust(WorkspaceFolder(path))


def meant_in(folders: Sequence[Path]) -> tuple[Path | None, bool]:
    """Return the workspace that code in these folders means when it names none, and whether it lies at or above one.

    The first that lies at or above one of `folders`, else the one used last; None when there is none.
    """
    above = next((found for found in map(find_upwards, folders) if found is not None), None)
    path = above or next((known for known in known_workspaces() if not is_passing(known)), None)
    return path, above is not None


def folder_at_config(config: Path) -> Path | None:
    """Return the workspace that a ``config.json`` belongs to, or None when it only names one of Azure."""
    folder = config.parent
    if folder.name in {".azureml", "aml_config"}:
        folder = folder.parent
    return folder if WorkspaceFolder(folder).is_workspace() else None


def find_named(wanted: WorkspaceIdentity) -> Path:
    """Return the folder of a workspace by name; subscription and resource group count where they are given.

    Raises
    ------
    NotFound
        When this user has no such workspace.
    """
    known = known_workspaces()
    for path, identity in known.items():
        if _fits(wanted, identity):
            return path
    names = ", ".join(sorted({identity.name for identity in known.values()})) or "none yet"
    raise NotFound(
        f"There is no workspace “{wanted.name}” on this computer. There is: {names}.",
        f"Make it with: desktop-aml workspace create {shlex.quote(str(named_workspaces() / wanted.name))}",
    )


def make_named(wanted: WorkspaceIdentity, *, exist_ok: bool = False) -> NamedFolder:
    """Make a workspace below the user's data, or return the one that is there when `exist_ok`.

    Raises
    ------
    InvalidName
        When the name breaks the rule.
    Conflict
        When there is one and `exist_ok` is false.
    """
    check_thing_name(wanted.name, "workspace")
    try:
        found = find_named(wanted)
    except NotFound:
        pass
    else:
        if not exist_ok:
            raise Conflict(f"There is a workspace “{wanted.name}” already, in “{found}”.", "Get it, or use exist_ok.")
        return NamedFolder(found)
    path = named_workspaces() / wanted.name
    if path.exists():
        # The same name in another subscription or resource group is another workspace.
        whole = f"{wanted.subscription_id}/{wanted.resource_group}/{wanted.name}"
        path = path.with_name(f"{wanted.name}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}")
    folder = WorkspaceFolder(path)
    folder.make(
        wanted.name,
        subscription_id=wanted.subscription_id,
        resource_group=wanted.resource_group,
        location=wanted.location,
    )
    trust.trust(folder)
    return NamedFolder(path, made=True)


def _fits(wanted: WorkspaceIdentity, found: WorkspaceIdentity) -> bool:
    return (
        wanted.name.lower() == found.name.lower()
        and wanted.subscription_id in {"", found.subscription_id}
        and wanted.resource_group in {"", found.resource_group}
    )
