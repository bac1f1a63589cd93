"""What a script left in its working folder: its outputs, its logs, and what it wrote beside itself.

``outputs/`` and ``logs/`` are kept whole. Beside them counts what is new, or other than the source that was laid out,
up to a limit: caches, environments and version control are no results. A link counts as what it leads to when that is
part of the run, too. What does not count although it might be meant is named with its reason.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import storable
from desktop_aml.domain.runs import LeftOut
from desktop_aml.run_folder import snapshot
from desktop_aml.store.blobs import digest_of

OUTPUTS: Final = ("outputs", "logs")
BESIDE_BYTES: Final = 2 << 30
BESIDE_FILES: Final = 5_000
_NAMED_AT_MOST: Final = 200
_LINKS_DEEP: Final = 8
_NO_RESULTS: Final = re.compile(
    r"__pycache__|\.ipynb_checkpoints|node_modules|\.(git|hg|svn|venv|mypy_cache|pytest_cache|ruff_cache|azureml|cache)"
)
_NO_RESULT: Final = re.compile(r".*\.py[co]|\.git|\.DS_Store|\.incoming-.*")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of what lies beside ``outputs/`` is kept: the smallest files first."""

    size_bytes: int = BESIDE_BYTES
    files: int = BESIDE_FILES


@dataclass(slots=True)
class Found:
    """Files to keep by artifact path, those among them that lie beside the outputs, and what is left out."""

    files: dict[str, Path] = field(default_factory=dict)
    beside: list[tuple[int, str, Path]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def leave(self, path: str, reason: str) -> None:
        """Name something that is not kept."""
        self.left_out.append(LeftOut(storable(path), reason))


def gather(run_directory: Path, limits: Limits = Limits()) -> Found:
    """Return what the script of a run left, as it is now."""
    found, baseline = Found(), _Baseline(run_directory)
    for path, file in _walk(run_directory, found):
        top, _, below = path.partition("/")
        if top in OUTPUTS and below:
            found.files[path] = file
        elif baseline.is_new(path, file):
            found.beside.append((_size(file), path, file))
    _choose(found, limits)
    found.left_out = _at_most(found.left_out)
    return found


def _choose(found: Found, limits: Limits) -> None:
    size = 0
    for count, (size_bytes, path, file) in enumerate(sorted(found.beside), 1):
        size += size_bytes
        if count <= limits.files and size <= limits.size_bytes:
            found.files[path] = file
        else:
            found.leave(
                path,
                f"More than {limits.size_bytes / 2**30:g} GiB or {limits.files:,} files lie beside outputs/: it stays"
                " in the run's folder. Have the script write to outputs/, where there is no limit.",
            )


def _at_most(left_out: list[LeftOut]) -> list[LeftOut]:
    rest = len(left_out) - _NAMED_AT_MOST
    if rest <= 0:
        return left_out
    return [*left_out[:_NAMED_AT_MOST], LeftOut(f"and {rest:,} more", left_out[-1].reason)]


def _walk(run_directory: Path, found: Found) -> Iterator[tuple[str, Path]]:
    """Yield path and real place of every plain file; links inside the run are followed, others named."""
    run = run_directory.resolve()
    root = run / "snapshot"
    if root.is_symlink():
        return
    roots = (root, run / "uploads", run / "logs")
    pending: list[tuple[str, Path, int]] = [("", root, 0)]
    while pending:
        prefix, folder, depth = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if prefix:
                found.leave(prefix, f"The folder cannot be read: {error.strerror}.")
            continue
        for entry in entries:
            path, place = f"{prefix}{entry.name}", Path(entry.path)
            in_outputs = path.partition("/")[0] in OUTPUTS
            if entry.is_symlink():
                target = _target(place, roots, found, path)
                if target is not None and target.is_dir() and depth < _LINKS_DEEP:
                    pending.append((f"{path}/", target, depth + 1))
                elif target is not None and target.is_file():
                    yield path, target
            elif entry.is_dir(follow_symlinks=False):
                if in_outputs or (not _NO_RESULTS.fullmatch(entry.name) and not (place / "pyvenv.cfg").exists()):
                    pending.append((f"{path}/", place, depth))
            elif not entry.is_file(follow_symlinks=False):
                if in_outputs:
                    found.leave(path, "It is not a plain file.")
            elif in_outputs or not _NO_RESULT.fullmatch(entry.name):
                yield path, place


def _target(link: Path, roots: Sequence[Path], found: Found, path: str) -> Path | None:
    """Return where a link leads when that is part of the run; else name it."""
    where = "?"
    try:
        where = storable(str(link.readlink()))
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        found.leave(path, f"It is a link to “{where}”, where nothing is.")
        return None
    if not any(target.is_relative_to(root) for root in roots):
        found.leave(path, f"It is a link to “{where}”, outside the run.")
        return None
    if link.is_relative_to(target):
        found.leave(path, f"It is a link to “{where}”, the folder that holds it.")
        return None
    return target


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0


class _Baseline:
    """The source as it was laid out: what is the same was not written by the script."""

    def __init__(self, run_directory: Path) -> None:
        try:
            self._files = {file.path: file for file in snapshot.manifest(run_directory)}
        except (NotFound, OSError, ValueError):
            self._files = {}
        self._looks = snapshot.looks(run_directory)

    def is_new(self, path: str, file: Path) -> bool:
        """Whether a file is not among the source, or has other bytes; one that cannot be read counts."""
        kept = self._files.get(path)
        if kept is None:
            return True
        try:
            found = file.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_size != kept.size_bytes:
                return True
            return self._looks.get(path) != snapshot.look(found) and digest_of(file) != kept.sha256
        except OSError:
            return True
