"""Calls about the workspace itself, and those that find or make one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.sdk.body import CallBody
from desktop_aml.sdk.environments import read_yaml
from desktop_aml.workspace import WorkspaceIdentity, naming

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace


def describe(path: Path, identity: WorkspaceIdentity, *, made: bool = False) -> dict[str, object]:
    """Return who a workspace is, and whether it was made just now."""
    return {
        "path": str(path),
        "name": identity.name,
        "subscription_id": identity.subscription_id,
        "resource_group": identity.resource_group,
        "location": identity.location,
        "made": made,
        "distrust": naming.distrust_of(path),
    }


def details(workspace: Workspace, _: CallBody) -> object:
    """Return who the workspace is."""
    return {**describe(workspace.path, workspace.identity()), "created_at": workspace.created_at()}


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "workspace.details": details,
        # Inside a run every name of a workspace means the run's own.
        "workspaces.open": details,
        "workspaces.get": details,
        "workspaces.create": details,
        "workspaces.list": lambda workspace, body: [details(workspace, body)],
    }
)


def open_config(body: CallBody) -> object:
    """Return the workspace that a ``config.json`` names: the one whose folder it lies in, else one of that name."""
    inside = naming.folder_at_config(Path(body.text("config")))
    return _described(naming.NamedFolder(inside) if inside else naming.make_named(_identity(body), exist_ok=True))


def get(body: CallBody) -> object:
    """Return a workspace by name; with subscription and resource group it is made on first use."""
    wanted = _identity(body)
    if wanted.subscription_id and wanted.resource_group:
        return _described(naming.make_named(wanted, exist_ok=True))
    return _described(naming.NamedFolder(naming.find_named(wanted)))


def create(body: CallBody) -> object:
    """Make a workspace by name."""
    return _described(naming.make_named(_identity(body), exist_ok=body.flag("exist_ok")))


def list_known(_: CallBody) -> object:
    """Return every workspace of this user."""
    return [describe(path, identity) for path, identity in naming.known_workspaces().items()]


def current(body: CallBody) -> object:
    """Return the workspace meant by code that names none, or None: above one of `folders`, else the one used last."""
    folders = [Path(folder) for folder in body.texts("folders")]
    path, is_above = naming.meant_in(folders)
    return None if path is None else {**describe(path, naming.identity_of(path)), "above": is_above}


def let_run(body: CallBody) -> object:
    """Trust a workspace, as a person at a terminal was asked."""
    naming.let_run(Path(body.text("path")))
    return None


WITHOUT_WORKSPACE: Final = MappingProxyType[str, Callable[[CallBody], object]](
    {
        "workspaces.open": open_config,
        "workspaces.get": get,
        "workspaces.create": create,
        "workspaces.list": list_known,
        "workspaces.current": current,
        "workspaces.trust": let_run,
        "yaml.read": read_yaml,
    }
)


def answer_without_workspace(method: str, body: Mapping[str, Any]) -> object:
    """Carry out a call that finds or makes a workspace.

    Raises
    ------
    InvalidInput
        When there is no such method.
    DesktopAMLError
        Whatever finding or making one raises.
    """
    call = WITHOUT_WORKSPACE.get(method)
    if call is None:
        raise InvalidInput(f"The call “{method}” needs a workspace.")
    return call(CallBody(body))


def _described(folder: naming.NamedFolder) -> object:
    found = describe(folder.path, naming.identity_of(folder.path), made=folder.made)
    return {**found, "waiting": _waiting_in(folder.path)} if found["distrust"] else found


def _waiting_in(path: Path) -> Sequence[str]:
    """Return what would begin at once in a workspace; nothing where that cannot be read, and so cannot begin."""
    from desktop_aml.workspace.workspace import Workspace

    try:
        workspace = Workspace.open(path)
    except DesktopAMLError:
        return ()
    try:
        return workspace.waiting_work()
    finally:
        workspace.leave_work()
        workspace.close()


def _identity(body: CallBody) -> WorkspaceIdentity:
    return WorkspaceIdentity(
        body.text("name"), body.text("subscription_id", ""), body.text("resource_group", ""), body.text("location", "")
    )
