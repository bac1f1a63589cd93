"""What runs read from elsewhere: how it stands now, and where it differs between a run and those that repeat it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.files_read import (
    Content,
    DataDifference,
    FileNow,
    FileRead,
    FileRecord,
    ReadHow,
    differences,
    side_by_side,
)
from desktop_aml.domain.runs import DOCKER
from desktop_aml.inside_run.site.desktop_aml_run import files_read as recorder
from desktop_aml.run_folder import reading_list
from desktop_aml.run_folder.properties import RERUN_OF
from desktop_aml.store import files_read, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.service import Service

_HASHED_AT_ONCE: Final = 256 << 20
_REPEATS_COMPARED: Final = 20


def records(db: Database, folder: WorkspaceFolder, run_id: str) -> tuple[FileRecord, ...]:
    """Return what a run read; of a run of an older version, what the list in its folder says."""
    found = files_read.of_run(db, run_id)
    if found or files_read.position(db, run_id):
        return found
    return reading_list.read(folder.run(run_id), 0).found[: files_read.KEPT_AT_MOST]


def as_it_stands(db: Database, folder: WorkspaceFolder, run_id: str) -> tuple[FileRead, ...]:
    """Return what a run read and how it stands now; files whose time alone changed are hashed, up to a limit."""
    is_here = runs.get(db, run_id).summary.target != DOCKER
    left = _HASHED_AT_ONCE
    found = []
    for record in records(db, folder, run_id):
        now, hashed = _now(record, left, is_here=is_here)
        left -= hashed
        found.append(
            FileRead(
                record.path,
                record.size_bytes,
                record.modified_ns / 1e9,
                now,
                record.how,
                record.sha256,
                record.content,
            )
        )
    return tuple(found)


def _now(record: FileRecord, budget: int, *, is_here: bool) -> tuple[FileNow, int]:
    """Return how a record stands now, and how many bytes were hashed to tell."""
    if record.content is Content.ELSEWHERE:
        return FileNow.ELSEWHERE, 0
    try:
        found = Path(record.path).stat()
    except (OSError, ValueError):
        return (FileNow.GONE if is_here else FileNow.ELSEWHERE), 0
    if record.content in {Content.CHANGED, Content.GONE}:
        # What lies there may be anything: what the run read was never hashed.
        return FileNow.CHANGED, 0
    if record.how is ReadHow.LISTED or stat.S_ISDIR(found.st_mode):
        return _folder_now(record, found), 0
    if reading_list.is_same(record, found):
        return FileNow.SAME, 0
    if found.st_size != record.size_bytes or not stat.S_ISREG(found.st_mode):
        return FileNow.CHANGED, 0
    if not record.sha256 or found.st_size > budget:
        return (FileNow.SAME if found.st_mtime_ns == record.modified_ns else FileNow.CHANGED), 0
    return (FileNow.SAME if _digest(record, found) == record.sha256 else FileNow.CHANGED), found.st_size


def _digest(record: FileRecord, found: os.stat_result) -> str:
    identity = f"{found.st_dev}-{found.st_ino}-{found.st_ctime_ns}"
    present = FileRecord(record.path, found.st_size, found.st_mtime_ns, identity)
    return reading_list.hash_as_read(present)[1]


def _folder_now(record: FileRecord, found: os.stat_result) -> FileNow:
    if reading_list.is_same(record, found):
        return FileNow.SAME
    try:
        entry = recorder.folder_entry(record.path, found)
    except OSError:
        return FileNow.CHANGED
    return FileNow.SAME if (entry["size"], entry["mark"]) == (record.size_bytes, record.sha256) else FileNow.CHANGED


def between_repeats(db: Database, folder: WorkspaceFolder, run_id: str) -> tuple[DataDifference, ...]:
    """Return where the data of a run differs from that of the run it repeats, and of those that repeat it."""
    origin = runs.properties(db, run_id).get(RERUN_OF, "")
    others = [origin] if origin and runs.is_over(db, origin) is not None else []
    others += files_read.repeats_of(db, run_id)[-_REPEATS_COMPARED:]
    if not others:
        return ()
    here = _by_path(db, folder, run_id)
    return tuple(difference for other in others for difference in differences(here, other, _by_path(db, folder, other)))


def compared(db: Database, folder: WorkspaceFolder, run_ids: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    """Return what each run found at each path, see `domain.files_read.side_by_side`."""
    return side_by_side([_by_path(db, folder, run_id) for run_id in run_ids])


def _by_path(db: Database, folder: WorkspaceFolder, run_id: str) -> dict[str, FileRecord]:
    return {record.path: record for record in records(db, folder, run_id)}


class RunData(Service):
    """What runs read from elsewhere."""

    def list(self, wanted: str) -> tuple[FileRead, ...]:
        """Return the files that a run has read from elsewhere, in the order it did: what does not travel with it.

        Known of scripts in Python 3.8 and newer, for files that Python opens and folders that it lists; besides of
        every script for files that its arguments or its code name.
        """
        return as_it_stands(self._db, self._folder, self._client.find_run(wanted))

    def has_more(self, wanted: str) -> bool:
        """Whether a run read more from elsewhere than is kept."""
        return files_read.has_more(self._db, self._client.find_run(wanted))

    def changed(self, wanted: str) -> tuple[FileRead, ...]:
        """Return what a run read and would not find again: changed since, or gone."""
        return tuple(one for one in self.list(wanted) if one.has_changed())

    def differences(self, wanted: str) -> tuple[DataDifference, ...]:
        """Return where the data of a run differs from that of the run it repeats, and of the runs that repeat it."""
        return between_repeats(self._db, self._folder, self._client.find_run(wanted))
