"""What runs read that did not travel with them: taken from their lists while they go on, hashed in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.files_read import Content, FileRecord
from desktop_aml.domain.runs import DOCKER
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.run_folder import reading_list
from desktop_aml.store import files_read
from desktop_aml.store.run_table import facts

_log = logging.getLogger(__name__)

HASHED_AT_MOST: Final = 20 << 30
"""Bytes that are hashed for one run; what is beyond is known by size and time."""

_TURN_FILES: Final = 64
_TURN_BYTES: Final = 512 << 20
_WAIT_S: Final = 3.0
"""Files of a common size are hashed before their run is told to be over."""


Hashed = tuple[str, FileRecord, Content, str]
"""A run, one of its records, and what came of hashing the file."""


class FilesRead:
    """Keeps what the runs of one workspace read.

    Parameters
    ----------
    at_most : int
        Bytes that are hashed for one run.
    """

    def __init__(self, desk: Desk, at_most: int = HASHED_AT_MOST) -> None:
        self._desk = desk
        self._at_most = at_most
        self._positions: dict[str, int] = {}
        self._is_hashing = False
        # An earlier engine may have left something.
        self._may_be_unhashed = True
        self._stop = threading.Event()
        self._rests = threading.Event()
        self._rests.set()

    def is_idle(self) -> bool:
        """Whether nothing is left to hash."""
        return not self._is_hashing and not self._may_be_unhashed

    def stop(self) -> None:
        """Leave what is not hashed yet to the next engine."""
        self._stop.set()
        self._rests.set()

    def wait(self) -> None:
        """Wait on a worker for the turn of hashing that is under way, unless that takes long."""
        self._rests.wait(_WAIT_S)

    def take(self, run_id: str) -> bool:
        """Store what a run read since the last call; return whether there was anything."""
        start = self._positions.get(run_id)
        if start is None:
            start = self._positions[run_id] = files_read.position(self._desk.db, run_id)
        lines = reading_list.read(self._desk.folder.run(run_id), start)
        if lines.end == start:
            return False
        with self._desk.commit():
            files_read.add(self._desk.db, run_id, lines.found, position=lines.end, more=lines.more)
            for path in lines.results:
                files_read.remove(self._desk.db, run_id, path)
        self._positions[run_id] = lines.end
        self._may_be_unhashed = True
        return True

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that ended."""
        self._positions.pop(run_id, None)

    def hash_next(self) -> None:
        """Begin to hash some of the files that are not hashed yet, unless that is under way."""
        if self._is_hashing or not self._may_be_unhashed or self._stop.is_set():
            return
        waiting = files_read.unhashed(self._desk.db, _TURN_FILES)
        self._may_be_unhashed = bool(waiting)
        if not waiting:
            return
        known = {index: files_read.hash_of(self._desk.db, record) for index, (_, record) in enumerate(waiting)}
        readers = {run_id for run_id, _ in waiting}
        left = {run_id: self._at_most - files_read.hashed_bytes(self._desk.db, run_id) for run_id in readers}
        done: list[Hashed] = []
        todo: list[tuple[str, FileRecord]] = []
        for index, (run_id, record) in enumerate(waiting):
            if known[index]:
                done.append((run_id, record, Content.HASHED, known[index]))
            elif record.size_bytes > left[run_id]:
                done.append((run_id, record, Content.TOO_LARGE, ""))
            else:
                left[run_id] -= record.size_bytes
                todo.append((run_id, record))
        readers = {run_id for run_id, _ in todo}
        elsewhere = {run_id for run_id in readers if self._may_be_elsewhere(run_id)}
        self._is_hashing = True
        self._rests.clear()
        self._desk.later(
            lambda: done + hash_all(todo, elsewhere, self._stop.is_set), lambda result: self._hashed(result)
        )

    def _may_be_elsewhere(self, run_id: str) -> bool:
        """Whether a script finds other files than this computer's: in a container, or on a machine of its own."""
        if facts.target(self._desk.db, run_id) == DOCKER:
            return True
        attempt = self._desk.folder.run(run_id) / "attempts" / str(facts.attempt(self._desk.db, run_id))
        try:
            claim = AttemptFiles(attempt).claim()
        except OSError:
            return False
        return claim is not None and bool(claim.machine)

    def _hashed(self, result: list[Hashed] | Failed) -> None:
        if not isinstance(result, Failed):
            with self._desk.commit():
                for run_id, record, content, digest in result:
                    files_read.set_content(self._desk.db, run_id, record, content, digest)
        else:
            self._may_be_unhashed = False
        self._is_hashing = False
        self._rests.set()


def hash_all(
    todo: Sequence[tuple[str, FileRecord]], elsewhere: set[str], is_stopped: Callable[[], bool]
) -> list[Hashed]:
    """Hash files as they were read, until there was work enough for one turn.

    Parameters
    ----------
    elsewhere : set of str
        Runs whose files may not lie on this computer.
    """
    done: list[Hashed] = []
    size = 0
    for run_id, record in todo:
        if is_stopped() or size > _TURN_BYTES:
            break
        content, digest = reading_list.hash_as_read(record, is_stopped)
        if run_id in elsewhere and content in {Content.GONE, Content.CHANGED} and not _is_here(record):
            content = Content.ELSEWHERE
        if content is not Content.PENDING:
            done.append((run_id, record, content, digest))
        size += record.size_bytes
    return done


def _is_here(record: FileRecord) -> bool:
    """Whether what lies at the path of a record is the very file, changed or not: a container has paths of its own."""
    try:
        found = Path(record.path).stat()
    except (OSError, ValueError):
        return False
    return record.identity.startswith(f"{found.st_dev}-{found.st_ino}-")
