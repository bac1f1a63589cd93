"""Manifests: the folders of runs, models and environments describe themselves; the database is an index of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.files_read import FileRecord
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import Artifact, RunDetail
from desktop_aml.store import files_read, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.sweeps.table import StoredSweep
from desktop_aml.system.files import write_durably

_log = logging.getLogger(__name__)
_REQUEST = "request.json"
_RUN = "run.json"
_SWEEP = "sweep.json"
_PATHS = ("arguments", "command", "source_directory", "env_vars", "definition", "files", "files_read")
"""What may hold paths into the workspace; all else is told in words of the user, and stays as it is."""


def write_request(folder: Path, request: SubmitRun) -> None:
    """Keep what was asked for in the run's folder, before it is asked."""
    write_durably(folder / _REQUEST, _portable(folder.parents[1], asdict(request)))


def write(folder: Path, detail: RunDetail, artifacts: Sequence[Artifact], records: Sequence[FileRecord] = ()) -> None:
    """Keep everything that the database knows of an ended run in the run's folder; a full disk is only noted."""
    body = {
        **asdict(detail),
        "artifacts": [asdict(artifact) for artifact in artifacts],
        "files_read": [asdict(record) for record in records],
    }
    try:
        write_durably(folder / _RUN, _portable(folder.parents[1], body))
    except OSError as error:
        _log.warning("The manifest of the run in %s could not be written: %s", folder, error)


def write_ended(db: Database, folder: WorkspaceFolder, run_id: str) -> None:
    """Keep everything that the database knows of an ended run in the run's folder."""
    records = files_read.of_run(db, run_id)
    write(folder.run(run_id), runs.get(db, run_id), runs.artifacts(db, run_id), records)


def write_sweep(folder: Path, sweep: StoredSweep) -> None:
    """Keep what a sweep is to do in the folder of its run; a full disk is only noted."""
    try:
        write_durably(folder / _SWEEP, json.dumps(PortablePaths(str(folder.parents[1])).kept(asdict(sweep))).encode())
    except OSError as error:
        _log.warning("The manifest of the sweep in %s could not be written: %s", folder, error)


def write_environment(folder: Path, version: EnvironmentVersion) -> None:
    """Keep a registered version of an environment in its own folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / "environment.json", _portable(folder.parents[2], asdict(version)))


def write_model(folder: Path, model: ModelVersion) -> None:
    """Keep a registered version of a model in its own folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / "model.json", _portable(folder.parents[2], asdict(model)))


def write_dataset(folder: Path, dataset: DatasetVersion) -> None:
    """Keep a version of a dataset in its own folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / "dataset.json", _portable(folder.parents[2], asdict(dataset)))


def read(root: Path, text: bytes) -> dict[str, Any]:
    """Return what a manifest says, with the paths that the workspace in `root` has now.

    Raises
    ------
    ValueError
        When it is no JSON.
    """
    body = json.loads(text)
    portable = PortablePaths(str(root))
    return {key: portable.here(value) if key in _PATHS else value for key, value in body.items()}


def _portable(root: Path, body: dict[str, Any]) -> bytes:
    portable = PortablePaths(str(root))
    kept = {key: portable.kept(value) if key in _PATHS else value for key, value in body.items()}
    return json.dumps(kept, indent=1).encode()
