"""Working copies: the folder in which a script ran goes after the end, but for what is kept nowhere else.

A file goes only when the store has its bytes: as part of the source, or as an artifact. What was too much to keep,
links out of the run and whatever else a script left stays where it is.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import storable
from desktop_aml.engine import snapshot
from desktop_aml.store.blobs import BlobStore, digest_of

_log = logging.getLogger(__name__)
_DERIVED: Final = (".pyc", ".pyo")

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
    try:
        source = {storable(file.path): file.sha256 for file in snapshot.manifest(run_directory)}
    except (NotFound, OSError, ValueError):
        source = {}
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
    (run_directory / "laid_out.json").unlink(missing_ok=True)


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
