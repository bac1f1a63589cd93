"""Reading the logs and the source of ended runs into the index of their words, a bounded part of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.run_folder import snapshot
from desktop_aml.store.blobs import BlobStore
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.full_text.index import LOG, SOURCE, FullTextIndex, all_runs, ended_runs
from desktop_aml.store.record.readers import Readers
from desktop_aml.system.files import open_regular, read_regular

LOG_BEGIN: Final = 64 << 10
LOG_END: Final = 128 << 10
"""Bytes of a log that are indexed: from its begin, and up to its end. Errors stand at the end."""

SOURCE_MOST: Final = 192 << 10
"""Bytes of source that are indexed of a run: Python files first, then other texts."""

_AT_ONCE: Final = 20
_CODE: Final = (".py", ".ipynb", ".r", ".sh", ".yml", ".yaml", ".toml", ".json", ".md", ".txt", ".cfg", ".ini")


def catch_up(
    folder: WorkspaceFolder,
    seconds: float,
    only: Collection[str] = (),
    clock: Callable[[], float] = time.monotonic,
    readers: Readers | None = None,
) -> int:
    """Index runs that ended, the newest first, and return how many are not indexed yet.

    Parameters
    ----------
    seconds : float
        After so many, what is left stays for the next time.
    only : collection of str
        The runs to look at; all that there are for none. Runs that are gone are forgotten then, too.
    readers : Readers, optional
        What lends a connection to the database; without it one is opened.

    Raises
    ------
    StorageError
        When the index cannot be used, such as on a full disk.
    """
    until = clock() + seconds
    reading = Database(folder.database, read_only=True) if readers is None else readers.one()
    with reading as db, FullTextIndex(folder.full_text) as index:
        ended, known = ended_runs(db, only), index.stamps()
        waiting = [run_id for run_id, stamp in ended.items() if known.get(run_id) != stamp]
        if not only:
            gone = known.keys() - all_runs(db)
            with index.writing():
                for run_id in gone:
                    index.remove(run_id)
        while waiting and clock() < until:
            part, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            # What takes long is read before others are kept from writing.
            texts = {run_id: _texts(folder.run(run_id), folder.blobs) for run_id in part}
            with index.writing():
                for run_id, of_run in texts.items():
                    index.put(run_id, ended[run_id], of_run)
        return len(waiting)


def _texts(run_directory: Path, blobs: BlobStore) -> dict[str, str]:
    found = {LOG: _log_of(run_directory / "logs" / "std_log.txt"), SOURCE: _source_of(run_directory, blobs)}
    return {kind: text for kind, text in found.items() if text}


def _log_of(path: Path) -> str:
    try:
        with open_regular(path) as stream:
            begin = stream.read(LOG_BEGIN)
            size = stream.seek(0, 2)
            stream.seek(max(len(begin), size - LOG_END))
            end = stream.read(LOG_END)
    except OSError:
        return ""
    return f"{begin.decode('utf-8', 'replace')}\n{end.decode('utf-8', 'replace')}".strip()


def _source_of(run_directory: Path, blobs: BlobStore) -> str:
    try:
        files = snapshot.manifest(run_directory)
    except (DesktopAMLError, OSError, ValueError, LookupError, TypeError):
        return ""  # the folder of a run may hold anything
    ordered = sorted(files, key=lambda file: (_rank(file.path), file.path))
    left, parts = SOURCE_MOST, list[str]()
    for file in ordered:
        if left <= 0 or _rank(file.path) == len(_CODE):
            break
        try:
            data = read_regular(blobs.path_of(file.sha256), left)
        except (DesktopAMLError, OSError):
            continue
        if b"\0" not in data:
            parts.append(f"{file.path}\n{data.decode('utf-8', 'replace')}")
            left -= len(data)
    return "\n".join(parts)


def _rank(path: str) -> int:
    ending = PurePosixPath(path).suffix.lower()
    return _CODE.index(ending) if ending in _CODE else len(_CODE)
