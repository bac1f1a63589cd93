"""Working copies: the folder in which a script ran goes after the end, but for what is kept nowhere else.

A file goes only when the store has its bytes: as part of the source, or as an artifact. What was too much to keep,
links out of the run and whatever else a script left stays where it is.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import storable
from desktop_aml.domain.runs import EXTERNAL, RunState
from desktop_aml.run_folder import snapshot
from desktop_aml.store import runs
from desktop_aml.store.blobs import BlobStore, digest_of
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.run_table import facts
from desktop_aml.system.files import used_bytes

_log = logging.getLogger(__name__)
_DERIVED: Final = (".pyc", ".pyo")

PARTIAL: Final = "uploads.partial"
"""Where what comes to a run's folder by its tracking server lies until it is whole."""

Look = list[object]
"""How a file looked, see `snapshot.look`, and the SHA-256 of its bytes then."""


def clear(run_directory: Path, blobs: BlobStore, kept: Mapping[str, str], looks: Mapping[str, Look]) -> None:
    """Remove what a script worked in, as far as the store has it.

    Parameters
    ----------
    kept : mapping of str to str
        SHA-256 of the run's artifacts by path.
    looks : mapping of str to list
        How files of the working folder looked when they were collected.
    """
    source = _source_of(run_directory)
    laid_out: dict[str, Look] = {
        path: [*look, source.get(storable(path))] for path, look in snapshot.looks(run_directory).items()
    }
    for folder in (run_directory / "snapshot", run_directory / "uploads"):
        if folder.is_symlink():
            continue
        if folder.name == "snapshot":
            _clear_folder(folder, blobs, {**source, **kept}, {**laid_out, **looks})
        else:
            _clear_folder(folder, blobs, kept, {})
    # What a server was just taking when it was killed: nobody was told that it is kept. A link there is not followed.
    shutil.rmtree(run_directory / PARTIAL, ignore_errors=True)
    (run_directory / "laid_out.json").unlink(missing_ok=True)


def _source_of(run_directory: Path) -> dict[str, str]:
    try:
        return {storable(file.path): file.sha256 for file in snapshot.manifest(run_directory)}
    except (NotFound, OSError, ValueError):
        return {}


def _clear_folder(folder: Path, blobs: BlobStore, digests: Mapping[str, str], looks: Mapping[str, Look]) -> None:
    for parent, folders, names in os.walk(folder, topdown=False):
        for name in (*names, *folders):
            place = Path(parent) / name
            try:
                if _may_go(place, place.relative_to(folder).as_posix(), blobs, digests, looks):
                    place.unlink()
                elif name in folders and not place.is_symlink():
                    place.rmdir()
            except OSError as error:
                # A folder that holds what stays is no trouble.
                _log.debug("%s stays: %s", place, error)
    try:
        folder.rmdir()
    except OSError as error:
        _log.debug("%s stays: %s", folder, error)


def _may_go(place: Path, path: str, blobs: BlobStore, digests: Mapping[str, str], looks: Mapping[str, Look]) -> bool:
    found = place.lstat()
    if stat.S_ISLNK(found.st_mode):
        name = storable(path)
        return name in digests or any(one.startswith(f"{name}/") for one in digests)
    if not stat.S_ISREG(found.st_mode):
        return False
    digest = digests.get(storable(path))
    if digest is None:
        return path.endswith(_DERIVED) and "__pycache__" in place.parent.name
    if not _has(blobs, digest, found.st_size):
        return False
    return looks.get(path) == [*snapshot.look(found), digest] or digest_of(place) == digest


def _has(blobs: BlobStore, digest: str, size: int) -> bool:
    try:
        return blobs.path_of(digest).stat().st_size == size
    except (OSError, NotFound):
        return False


def left_behind(folder: WorkspaceFolder) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield the folders of ended runs in which a working copy lies still, with their artifacts: from older versions."""
    db = Database(folder.database, read_only=True)
    try:
        over = [state for state in RunState if state.is_terminal()]
        for run_id, _ in runs.in_states(db, over):
            place = folder.run(run_id)
            if (place / "snapshot").is_dir() and facts.target(db, run_id) != EXTERNAL:
                yield place, {artifact.path: artifact.sha256 for artifact in runs.artifacts(db, run_id)}
    finally:
        db.close()


def clear_left_behind(folder: WorkspaceFolder) -> None:
    """Remove working copies that ended runs have still, as far as the store has them."""
    for place, kept in left_behind(folder):
        clear(place, folder.blobs, kept, {})


def room_of_left_behind(folder: WorkspaceFolder) -> int:
    """Return about how many bytes `clear_left_behind` would free: by names and sizes, without reading the files."""
    return sum(_room(place, folder.blobs, kept) for place, kept in left_behind(folder))


def _room(run_directory: Path, blobs: BlobStore, kept: Mapping[str, str]) -> int:
    digests = {**_source_of(run_directory), **kept}
    size_bytes = 0
    for place in (run_directory / "snapshot").rglob("*"):
        found = place.lstat()
        digest = digests.get(storable(place.relative_to(run_directory / "snapshot").as_posix()))
        if digest and stat.S_ISREG(found.st_mode) and _has(blobs, digest, found.st_size):
            size_bytes += used_bytes(found)
    return size_bytes
