"""The workspace: the one façade over everything below the front ends.

It turns calls into requests and reads through the store; it never moves a run itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_aml.run_folder.script_env import sdk_path
    from desktop_aml.run_folder.snapshot import SnapshotPreview
    from desktop_aml.store.folder import WorkspaceIdentity
    from desktop_aml.workspace.experiments import ExperimentSummary
    from desktop_aml.workspace.opening import default_workspace, locate, missing_last, remembered, sample_workspace
    from desktop_aml.workspace.rebuilding import database_fault, rebuild
    from desktop_aml.workspace.trust import Trusted, forget, trusted_workspaces
    from desktop_aml.workspace.workspace import Workspace

__all__ = [
    "ExperimentSummary",
    "SnapshotPreview",
    "Trusted",
    "Workspace",
    "WorkspaceIdentity",
    "database_fault",
    "default_workspace",
    "forget",
    "locate",
    "missing_last",
    "rebuild",
    "remembered",
    "sample_workspace",
    "sdk_path",
    "trusted_workspaces",
]

_HOMES = {
    "ExperimentSummary": "desktop_aml.workspace.experiments",
    "SnapshotPreview": "desktop_aml.run_folder.snapshot",
    "Trusted": "desktop_aml.workspace.trust",
    "Workspace": "desktop_aml.workspace.workspace",
    "WorkspaceIdentity": "desktop_aml.store.folder",
    "database_fault": "desktop_aml.workspace.rebuilding",
    "default_workspace": "desktop_aml.workspace.opening",
    "forget": "desktop_aml.workspace.trust",
    "locate": "desktop_aml.workspace.opening",
    "missing_last": "desktop_aml.workspace.opening",
    "rebuild": "desktop_aml.workspace.rebuilding",
    "remembered": "desktop_aml.workspace.opening",
    "sample_workspace": "desktop_aml.workspace.opening",
    "sdk_path": "desktop_aml.run_folder.script_env",
    "trusted_workspaces": "desktop_aml.workspace.trust",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for, and nothing else: every command starts here."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
