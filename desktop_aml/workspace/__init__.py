"""The workspace: the one façade over everything below the front ends.

It turns calls into requests and reads through the store; it never moves a run itself.
"""

from desktop_aml.run_folder.script_env import sdk_path
from desktop_aml.run_folder.snapshot import SnapshotPreview
from desktop_aml.store.folder import WorkspaceIdentity
from desktop_aml.workspace.experiments import ExperimentSummary
from desktop_aml.workspace.opening import default_workspace, locate, remembered, sample_workspace
from desktop_aml.workspace.rebuilding import RebuildReport, rebuild
from desktop_aml.workspace.trust import Trusted, forget, trusted_workspaces
from desktop_aml.workspace.workspace import Workspace

__all__ = [
    "ExperimentSummary",
    "RebuildReport",
    "SnapshotPreview",
    "Trusted",
    "Workspace",
    "WorkspaceIdentity",
    "default_workspace",
    "forget",
    "locate",
    "rebuild",
    "remembered",
    "sample_workspace",
    "sdk_path",
    "trusted_workspaces",
]
