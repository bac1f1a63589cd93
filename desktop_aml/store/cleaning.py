"""Files of the store that nothing means any more: how much room they take, and their removal.

Whoever adds files holds the store (`BlobStore.use`) until a record names them; the removal waits for all who do, and
they for it. So a file that is about to be named is never taken for a leftover.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from desktop_aml.domain.values import dataclass
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.references import referenced
from desktop_aml.system.files import used_bytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unused:
    """How many files nothing means, and what room they take."""

    files: int
    size_bytes: int


def unused(folder: WorkspaceFolder, without: frozenset[str] = frozenset()) -> Unused:
    """Return what a removal would free; slow for very many runs.

    Parameters
    ----------
    without : frozenset of str
        Runs to take as deleted already.
    """
    sizes = _leftovers(folder, referenced(folder, without=without))
    return Unused(len(sizes), sum(sizes.values()))


def clean(folder: WorkspaceFolder) -> Unused:
    """Remove what nothing means; return what went.

    Raises
    ------
    StorageError
        When others hold the store for long.
    """
    started_ns = time.time_ns()
    before = referenced(folder)
    if not _leftovers(folder, before):
        return Unused(0, 0)
    removed = size_bytes = 0
    with folder.blobs.use(alone=True):
        # What was recorded while it was looked at counts: all others wait now.
        leftovers = _leftovers(folder, before | referenced(folder, since_ns=started_ns))
        for path, size in leftovers.items():
            try:
                path.unlink()
            except OSError as error:
                _log.warning("%s cannot be removed: %s", path, error)
            else:
                removed, size_bytes = removed + 1, size_bytes + size
    return Unused(removed, size_bytes)


def _leftovers(folder: WorkspaceFolder, needed: set[str]) -> dict[Path, int]:
    return {path: size for path, size in _files(folder) if path.name not in needed}


def _files(folder: WorkspaceFolder) -> Iterator[tuple[Path, int]]:
    root = folder.root / "blobs" / "sha256"
    for pattern in (".incoming-*", "[0-9a-f][0-9a-f]/*"):
        for path in root.glob(pattern):
            try:
                yield path, used_bytes(path.lstat())
            except OSError:
                continue
