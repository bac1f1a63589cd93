"""Rebuilding: a new index from the folders that describe themselves.

It is built beside the old database and takes its place in one step at the end: whatever ends the rebuild before leaves
the workspace as it was.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from desktop_aml.domain.errors import CONCERNS_ALL, DesktopAMLError, StorageError, WorkspaceInUse
from desktop_aml.engine.core.owner import OwnerLock
from desktop_aml.engine.rebuilding import runs
from desktop_aml.engine.rebuilding.things import ROOMS, Settled
from desktop_aml.record import manifests, reading
from desktop_aml.record.reading import Findings
from desktop_aml.record.writing import RecordWriter
from desktop_aml.serving.config import CONFIG_FILE
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import health, outbox
from desktop_aml.store.record.kinds import MANIFESTS, RecordKind
from desktop_aml.store.record.readers import Readers
from desktop_aml.system.files import flush

_log = logging.getLogger(__name__)
_BESIDE = ".rebuilding"
_LOGS = ("", "-wal", "-shm")
_EVERYTHING = 1 << 40


@dataclass(slots=True)
class RebuildReport:
    """What was rebuilt, where the old database is kept, and what lay in the folders that is none of the workspace's.

    Parameters
    ----------
    problems : list of str
        Each names a file or folder that was passed over, and why.
    """

    kept_as: Path | None = None
    runs: int = 0
    models: int = 0
    datasets: int = 0
    environments: int = 0
    endpoints: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, noun: str, file: str) -> None:
        """Count a thing that was stored, where the report tells of its kind."""
        if file != manifests.NAME and hasattr(self, noun):
            setattr(self, noun, getattr(self, noun) + 1)


def rebuild(folder: WorkspaceFolder) -> RebuildReport:
    """Make a new database from the workspace's folders and put it in the place of the old one, which is kept.

    What the old one knows and the folders do not yet is written into them first, where it can be read.

    Raises
    ------
    NotFound
        When the folder is no workspace.
    WorkspaceInUse
        When a window or an engine has the workspace open.
    NewerWorkspace
        When a newer version of the program wrote it. Nothing is changed then, as after any other error.
    """
    folder.check()
    if health.is_newer(folder):
        raise reading.refuse_newer(folder.root)
    lock = OwnerLock(folder.owner_lock, "headless")
    if not lock.acquire():
        raise WorkspaceInUse(f"The workspace “{folder.root}” is open in another program.", "Close it, then rebuild.")
    try:
        is_healthy = health.fault_of(folder) == ""
        if is_healthy:
            _write_what_is_owed(folder)
        beside = folder.database.with_name(folder.database.name + _BESIDE)
        _remove(beside)
        try:
            report = _build(folder, beside)
            report.kept_as = _take_place(beside, folder.database, "before-rebuild" if is_healthy else "damaged")
        finally:
            _remove(beside)
        return report
    finally:
        lock.release()


def _write_what_is_owed(folder: WorkspaceFolder) -> None:
    try:
        with Database(folder.database, read_only=False) as db:
            with closing(Readers(folder.database)) as readers:
                written = RecordWriter(folder, readers).write(outbox.waiting(db, MANIFESTS, _EVERYTHING))
            outbox.clear(db, written.done)
        trouble: StorageError | None = written.trouble
    except StorageError as error:
        trouble = error
    if trouble is not None:
        _log.warning("What the old database knows cannot be written into the folders: %s", trouble.message)


def _build(folder: WorkspaceFolder, beside: Path) -> RebuildReport:
    report, found = RebuildReport(), Findings()
    with Database(beside, read_only=False) as db, db.transaction():
        # The triggers have marked all that was stored: only what the folders do not say in full is owed to them.
        for kind, key in _store_all(db, folder, report, found):
            outbox.settle(db, kind, key)
    report.problems = found.odd
    return report


def _store_all(db: Database, folder: WorkspaceFolder, report: RebuildReport, found: Findings) -> list[Settled]:
    settled: list[Settled] = []
    for room in ROOMS:
        for manifest in room.found(folder, found):
            with _boundary(db, manifest.path, found):
                one = room.restore(db, folder, manifest)
                if manifest.is_current and manifest.path.name != CONFIG_FILE:
                    settled.append(one)
                report.count(room.noun, manifest.path.name)
    for run in runs.find(folder, found):
        with _boundary(db, run.folder, found):
            if runs.restore(db, folder, run):
                settled.append((RecordKind.RUN, run.request.run_id))
            report.runs += 1
    return settled


@contextmanager
def _boundary(db: Database, path: Path, found: Findings) -> Iterator[None]:
    """Store all of one thing or nothing of it; what is wrong with it is named, and the others come back."""
    try:
        with db.savepoint():
            yield
    except CONCERNS_ALL:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary of one folder: whatever lies in it
        _log.warning("%s is not rebuilt.", path, exc_info=error)
        found.note(path, error.message if isinstance(error, DesktopAMLError) else f"It cannot be stored: {error!r}")


def _take_place(beside: Path, database: Path, mark: str) -> Path | None:
    """Put the new database in the place of the old one, and return where that is kept."""
    flush(beside)
    kept = _set_aside(database, mark) if database.exists() else None
    # What belongs to the old one must be gone first: SQLite would read it as changes of the new one.
    for suffix in _LOGS[1:]:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    beside.replace(database)
    flush(database.parent)
    return kept


def _set_aside(database: Path, mark: str) -> Path:
    kept = database.with_name(f"{database.name}.{mark}-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in _LOGS:
        old, new = database.with_name(database.name + suffix), kept.with_name(kept.name + suffix)
        if old.exists():
            new.unlink(missing_ok=True)
            try:
                os.link(old, new)
            except OSError:
                # A file system without hard links.
                shutil.copy2(old, new)
    flush(database.parent)
    return kept


def _remove(database: Path) -> None:
    for suffix in _LOGS:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
