"""The properties that Azure ML v1 gives to a run when it is submitted."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from desktop_aml.run_folder import git_state, snapshot

RERUN_OF: Final = "desktop_aml.rerun_of"
"""The run that a run repeats."""

DATA_CHANGED: Final = "desktop_aml.data_changed"
"""What had changed of the data of the run that a run repeats, when it was submitted."""

IMPORTED_FROM: Final = "desktop_aml.imported_from"
"""Workspace and computer that an imported run comes from, and when it was exported."""

SNAPSHOT_ID = "ContentSnapshotId"

TARGET_NOTE = "desktop_aml.target_note"
"""Property that says in words why a run goes elsewhere than its code asked for; the run's control log repeats it."""

START: Final = "desktop_aml.start"
"""How a run's script was started where there was a choice: ``warm``, or ``cold`` and why."""

HASH_SEED: Final = "desktop_aml.hash_seed"
"""``PYTHONHASHSEED`` as it would give the same again; runs that were forked from one interpreter share it."""


IMAGE: Final = "desktop_aml.image"
"""Id of the image that a run's script was in."""

IN_CONTAINER: Final = "desktop_aml.container"
"""Name of the container of a run's latest attempt."""

LIMITS: Final = "desktop_aml.limits"
"""How the limits of a run are kept, in words; a container keeps its own."""


def start_properties(how: Mapping[str, str], limits: str = "") -> dict[str, str]:
    """Return the properties that tell how a script was started, see `AttemptFiles.how_started` and `how_limited`."""
    limited = {LIMITS: limits} if limits else {}
    if how.get("how") == "warm":
        return {START: "warm", HASH_SEED: how.get("hash_seed", ""), **limited}
    return {START: f"cold: {how.get('why', '')}", **limited} if how else limited


def of_submission(source: Path | None, run_directory: Path, target: str) -> dict[str, str]:
    """Return git state, identifier of the snapshot, and where the run's own records will be among its files."""
    found = git_state.properties(source) if source is not None else {}
    if source is not None:
        found[SNAPSHOT_ID] = snapshot_id_of(run_directory)
    return {
        **found,
        "_azureml.ComputeTargetType": target,
        "ProcessInfoFile": "azureml-logs/process_info.json",
        "ProcessStatusFile": "azureml-logs/process_status.json",
    }


def snapshot_id_of(run_directory: Path) -> str:
    """Return the identifier of a run's snapshot: the same for the same files."""
    files = sorted((file.path, file.sha256) for file in snapshot.manifest(run_directory))
    digest = hashlib.sha256(json.dumps(files).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16]))
