"""The list of what a run read, as it lies in its folder: scripts can write there, so no line of it is believed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desktop_aml.domain.files_read import Content, FileRecord, ReadHow
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.values import dataclass
from desktop_aml.inside_run.site.desktop_aml_run import files_read as recorder
from desktop_aml.system.files import open_regular

_STRETCH: Final = 1 << 20
_CHUNK: Final = 1 << 20
_GREATEST: Final = 1 << 63
_PATH_LENGTH: Final = 4096
_IDENTITY: Final = re.compile(r"\d{1,20}-\d{1,20}-\d{1,20}")
_MARK: Final = re.compile(r"[0-9a-f]{8,16}")


@dataclass(frozen=True, slots=True)
class Lines:
    """What a stretch of a run's list says, and where the next one begins."""

    end: int
    found: tuple[FileRecord, ...] = ()
    results: tuple[str, ...] = ()
    more: bool = False


def read(run_directory: Path, start: int) -> Lines:
    """Return the next whole lines of a run's list; what makes no sense is passed over, for scripts can write there."""
    path = f"{run_directory}/logs/{recorder.NAME}"
    try:
        # Nearly always nothing is new, or nothing there: that is found out without pathlib, for each run at each look.
        if os.lstat(path).st_size == start:
            return Lines(start)
        with open_regular(Path(path)) as stream:
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
                earlier = found.get(record.path)
                # What was read first counts, but that a file was only named does not: it may have changed since.
                if earlier is None or (earlier.how.is_named() and not record.how.is_named()):
                    found[record.path] = record
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
