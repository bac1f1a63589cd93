"""What runs read that did not travel with them: taken from their lists while they go on, hashed in the background."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.files_read import Content, FileRecord, ReadHow
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.runs import LOCAL
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.inside_run.site.desktop_aml_run import files_read as recorder
from desktop_aml.store import files_read, runs
from desktop_aml.system.files import open_regular

_log = logging.getLogger(__name__)

HASHED_AT_MOST: Final = 20 << 30
"""Bytes that are hashed for one run; what is beyond is known by size and time."""

_STRETCH: Final = 1 << 20
_CHUNK: Final = 1 << 20
_TURN_FILES: Final = 64
_TURN_BYTES: Final = 512 << 20
_WAIT_S: Final = 3.0
"""Files of a common size are hashed before their run is told to be over."""

_GREATEST: Final = 1 << 63
_PATH_LENGTH: Final = 4096
_IDENTITY: Final = re.compile(r"\d{1,20}-\d{1,20}-\d{1,20}")
_MARK: Final = re.compile(r"[0-9a-f]{8,16}")

Hashed = tuple[str, FileRecord, Content, str]
"""A run, one of its records, and what came of hashing the file."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What a stretch of a run's list says, and where the next one begins."""

    end: int
    found: tuple[FileRecord, ...] = ()
    results: tuple[str, ...] = ()
    more: bool = False


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
        lines = read(self._desk.folder.run(run_id), start)
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
        left = {run_id: self._at_most - files_read.hashed_bytes(self._desk.db, run_id) for run_id, _ in waiting}
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
        elsewhere = {run_id for run_id, _ in todo if runs.get(self._desk.db, run_id).summary.target != LOCAL}
        self._is_hashing = True
        self._rests.clear()
        self._desk.later(
            lambda: done + hash_all(todo, elsewhere, self._stop.is_set), lambda result: self._hashed(result)
        )

    def _hashed(self, result: list[Hashed] | Failed) -> None:
        if not isinstance(result, Failed):
            with self._desk.commit():
                for run_id, record, content, digest in result:
                    files_read.set_content(self._desk.db, run_id, record.path, content, digest)
        else:
            self._may_be_unhashed = False
        self._is_hashing = False
        self._rests.set()


def read(run_directory: Path, start: int) -> Lines:
    """Return the next whole lines of a run's list; what makes no sense is passed over, for scripts can write there."""
    try:
        with open_regular(run_directory / "logs" / recorder.NAME) as stream:
            stream.seek(start)
            data = stream.read(_STRETCH)
    except OSError:
        return Lines(start)
    whole = data.rfind(b"\n") + 1
    if not whole:
        # A line as long as that is none of ours.
        return Lines(start + len(data) if len(data) == _STRETCH else start)
    found: dict[str, FileRecord] = {}
    results: list[str] = []
    more = False
    here = PortablePaths(str(run_directory.parents[1])).here
    for line in data[:whole].splitlines():
        try:
            entry = json.loads(line)
            if "more" in entry:
                more = True
            elif entry.get("written"):
                results.append(_path(entry, here))
            else:
                record = _record(entry, here)
                found.setdefault(record.path, record)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            continue
    return Lines(start + whole, tuple(found.values()), tuple(results), more)


def _record(entry: dict[str, object], here: Callable[[str], str]) -> FileRecord:
    how = ReadHow(str(entry.get("how") or ReadHow.OPENED))
    size, identity = int(str(entry["size"])), str(entry.get("id", ""))
    modified_ns = int(str(entry["ns"])) if "ns" in entry else int(float(str(entry["at"])) * 1e9)
    if not 0 <= size < _GREATEST or not -_GREATEST <= modified_ns < _GREATEST:
        raise ValueError
    if identity and not _IDENTITY.fullmatch(identity):
        raise ValueError
    mark = str(entry.get("mark") or "")
    if mark and not _MARK.fullmatch(mark):
        raise ValueError
    content = Content.NAMES if mark else Content.PENDING
    return FileRecord(_path(entry, here), size, modified_ns, identity, how, mark, content)


def _path(entry: dict[str, object], here: Callable[[str], str]) -> str:
    path = here(str(entry["path"]))
    if not path.startswith("/") or "\0" in path or len(os.fsencode(path)) > _PATH_LENGTH:
        raise ValueError
    return path


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
        content, digest = hash_as_read(record, is_stopped)
        if run_id in elsewhere and content in {Content.GONE, Content.CHANGED} and not _is_here(record):
            content = Content.ELSEWHERE
        if content is not Content.PENDING:
            done.append((run_id, record, content, digest))
        size += record.size_bytes
    return done


def hash_as_read(record: FileRecord, is_stopped: Callable[[], bool] = lambda: False) -> tuple[Content, str]:
    """Return the SHA-256 of a file that is still what a run read; `PENDING` when told to stop."""
    try:
        with open_regular(Path(os.path.realpath(record.path))) as stream:
            if not is_same(record, os.fstat(stream.fileno())):
                return Content.CHANGED, ""
            hasher = hashlib.sha256()
            while chunk := stream.read(_CHUNK):
                if is_stopped():
                    return Content.PENDING, ""
                hasher.update(chunk)
            if not is_same(record, os.fstat(stream.fileno())):
                return Content.CHANGED, ""
    except FileNotFoundError:
        return Content.GONE, ""
    except (OSError, ValueError):
        return Content.UNREADABLE, ""
    return Content.HASHED, hasher.hexdigest()


def is_same(record: FileRecord, found: os.stat_result) -> bool:
    """Whether a file is in exactly the state that a run found."""
    identity = f"{found.st_dev}-{found.st_ino}-{found.st_ctime_ns}"
    size = record.size_bytes if stat.S_ISDIR(found.st_mode) else found.st_size
    return (size, found.st_mtime_ns, identity) == (record.size_bytes, record.modified_ns, record.identity or identity)


def _is_here(record: FileRecord) -> bool:
    """Whether what lies at the path of a record is the very file, changed or not: a container has paths of its own."""
    try:
        found = Path(record.path).stat()
    except (OSError, ValueError):
        return False
    return record.identity.startswith(f"{found.st_dev}-{found.st_ino}-")
