"""Rebuilding: a new index from the folders that describe themselves, when the database is damaged or gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.errors import DesktopAMLError, WorkspaceInUse
from desktop_aml.domain.files_read import FileRecord
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import Artifact, RunDetail
from desktop_aml.engine.core.owner import OwnerLock
from desktop_aml.engine.runs import files_read as reading_lists
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.run_folder import manifests
from desktop_aml.store import datasets, environments, files_read, registry, run_restoring, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.sweeps import table as sweeps
from desktop_aml.store.sweeps.table import StoredSweep
from desktop_aml.system.files import read_regular


@dataclass(slots=True)
class RebuildReport:
    """What was rebuilt, where the damaged file is kept, and what could not be read."""

    kept_as: Path | None = None
    runs: int = 0
    models: int = 0
    datasets: int = 0
    environments: int = 0
    problems: list[str] = field(default_factory=list)


def rebuild(path: Path) -> RebuildReport:
    """Set the database of the workspace at `path` aside and make a new one from the workspace's folders.

    Runs come back with their states, labels, metrics (from their journals) and artifacts; a run whose end was not
    written into its folder comes back as Failed. Endpoints must be deployed again.

    Raises
    ------
    WorkspaceInUse
        When a window or an engine has the workspace open.
    """
    folder = WorkspaceFolder(path.expanduser().absolute())
    folder.check()
    lock = OwnerLock(folder.owner_lock, "headless")
    if not lock.acquire():
        raise WorkspaceInUse(f"The workspace “{path}” is open in another program.", "Close it, then rebuild.")
    try:
        report = RebuildReport(kept_as=_set_aside(folder.database))
        with Database(folder.database, read_only=False) as db:
            _each(
                folder.root,
                "environments/*/*/environment.json",
                report,
                lambda data: _environment(db, data, report),
            )
            _each(folder.root, "models/*/*/model.json", report, lambda data: _model(db, data, report))
            _each(folder.root, "datasets/*/*/dataset.json", report, lambda data: _dataset(db, data, report))
            _each(folder.root, "runs/*/request.json", report, lambda data: _run(db, folder, data, report))
            _each(folder.root, "runs/*/sweep.json", report, lambda data: _sweep(db, folder, data))
        return report
    finally:
        lock.release()


def _set_aside(database: Path) -> Path | None:
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    database.rename(kept)
    for suffix in ("-wal", "-shm"):
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    return kept


def _each(workspace: Path, pattern: str, report: RebuildReport, take: Callable[[dict[str, Any]], None]) -> None:
    # In the order in which they were made, so that numbers rise as they did.
    found = sorted(workspace.glob(pattern), key=lambda path: path.stat().st_mtime)
    for path in found:
        try:
            take(manifests.read(workspace, read_regular(path)))
        except (OSError, ValueError, KeyError, msgspec.ValidationError, DesktopAMLError) as error:
            report.problems.append(f"{path}: {error}")


def _environment(db: Database, data: dict[str, Any], report: RebuildReport) -> None:
    version = msgspec.convert(data, EnvironmentVersion)
    with db.transaction():
        environments.restore(db, version)
    report.environments += 1


def _model(db: Database, data: dict[str, Any], report: RebuildReport) -> None:
    model = msgspec.convert(data, ModelVersion)
    with db.transaction():
        registry.insert_model(db, model)
        registry.restore_counter(db, model.name, model.version)
    report.models += 1


def _dataset(db: Database, data: dict[str, Any], report: RebuildReport) -> None:
    dataset = msgspec.convert(data, DatasetVersion)
    with db.transaction():
        datasets.save(db, dataset)
        datasets.insert_version(db, dataset)
    report.datasets += 1


def _run(db: Database, folder: WorkspaceFolder, data: dict[str, Any], report: RebuildReport) -> None:
    request = msgspec.convert(data, SubmitRun)
    run_folder = folder.run(request.run_id)
    manifest = run_folder / "run.json"
    body = manifests.read(folder.root, read_regular(manifest)) if manifest.is_file() else None
    detail = msgspec.convert(body, RunDetail) if body else None
    if detail is not None and not detail.summary.state.is_terminal():
        detail = None  # written for the script when the run began
    artifacts = msgspec.convert(body["artifacts"], list[Artifact]) if body else []
    records = _records(run_folder, body)
    reader = JournalReader(db)
    with db.transaction():
        run_restoring.restore(db, request, detail, at=(run_folder / "request.json").stat().st_mtime)
        runs.replace_artifacts(db, request.run_id, artifacts)
        files_read.add(db, request.run_id, records.found, position=records.end, more=records.more)
    while stretches := reader.read(request.run_id, run_folder):
        with db.transaction():
            reader.store(stretches)
        reader.stored(stretches)
    report.runs += 1


def _sweep(db: Database, folder: WorkspaceFolder, data: dict[str, Any]) -> None:
    sweep = msgspec.convert(PortablePaths(str(folder.root)).here(data), StoredSweep)
    with db.transaction():
        sweeps.restore(db, sweep, [child.id for child in runs.children(db, sweep.run_id)])


def _records(run_folder: Path, body: dict[str, Any] | None) -> reading_lists.Lines:
    """Return what a run read, as its manifest has it with the hashes, and what its list says beyond."""
    listed = reading_lists.read(run_folder, 0)
    kept = tuple(msgspec.convert((body or {}).get("files_read", []), list[FileRecord]))
    return replace(listed, found=(*kept, *listed.found))
