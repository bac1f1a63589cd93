"""Files of runs by MLflow's paths: what is uploaded goes among the run's outputs, and nothing leaves their folder."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from desktop_aml.domain.errors import FULL, InvalidInput, NotFound, StorageError, disk_full
from desktop_aml.domain.inside_paths import inside
from desktop_aml.domain.names import storable
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.run_folder.working_copies import PARTIAL
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import flush, flush_contents, make_own, open_regular, own_folder

_OUTPUTS: Final = "outputs"
_WRONG: Final = re.compile(r"[\x00-\x1f\x7f\\]|^[A-Za-z]:")
_LONGEST: Final = 1000
_CHUNK: Final = 1 << 20


def files_of(version: ModelVersion) -> dict[str, str]:
    """Return the hashes of the files of a version by their path below the model's own folder."""
    root = version.path.strip("/")
    if len(version.files) == 1 and version.files[0].path == root:
        return {root.rpartition("/")[2]: version.files[0].sha256}
    return {one.path.removeprefix(f"{root}/"): one.sha256 for one in version.files}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder in a listing; `size_bytes` is None for a folder."""

    name: str
    size_bytes: int | None


def checked(path: str) -> str:
    """Return a path of an artifact without slashes at its ends, empty for the root.

    Raises
    ------
    InvalidInput
        When it is absolute, has empty parts, or could mean something else than a file below the root anywhere.
    """
    parts = path.removesuffix("/").split("/") if path else []
    if any(one in {"", ".", ".."} for one in parts) or _WRONG.search(path) or len(path) > _LONGEST:
        raise InvalidInput("Invalid path")
    return "/".join(parts)


def check_target(db: Database, run_id: str, path: str) -> str:
    """Return the path of a file that a run is to be given.

    Raises
    ------
    NotFound
        When there is no such run.
    InvalidInput
        When the path is none below the root.
    """
    relative = checked(path)
    if not relative:
        raise InvalidInput("The path of an artifact is missing.")
    if runs.is_over(db, run_id) is None:
        raise NotFound(f"Run with id={run_id[:300]} not found")
    return relative


@contextmanager
def in_words(run_folder: Path, relative: str) -> Iterator[None]:
    """Have a disk that does not take a file told in words."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(run_folder, error) from error
        raise StorageError(f"“{relative}” cannot be written: {error.strerror}.") from error


class Artifacts:
    """The files of runs, below their ``outputs``.

    Three places are one: what was uploaded, what the script has written so far, and what is kept of an ended run.
    """

    def __init__(self, folder: WorkspaceFolder, db: Database) -> None:
        self._folder = folder
        self._db = db

    def open(self, run_id: str, path: str) -> IO[bytes] | None:
        """Open a file; None when there is none at this path."""
        relative = checked(path)
        if not relative:
            return None
        for root in self._roots(run_id):
            place = inside(root, relative)
            try:
                if _is_below(root, place):
                    return open_regular(place)
            except OSError:
                continue
        wanted = storable(f"{_OUTPUTS}/{relative}")
        for kept in runs.artifacts(self._db, run_id):
            if kept.path == wanted:
                return open_regular(self._folder.blobs.path_of(kept.sha256))
        return None

    def list(self, run_id: str, path: str = "") -> tuple[Entry, ...]:
        """Return what lies in a folder, by name; nothing for a file or a path without any."""
        relative = checked(path)
        found: dict[str, Entry] = {}
        prefix = storable(f"{_OUTPUTS}/{relative}/" if relative else f"{_OUTPUTS}/")
        for kept in runs.artifacts(self._db, run_id):
            if kept.path.startswith(prefix):
                name, below, _ = kept.path.removeprefix(prefix).partition("/")
                found[name] = Entry(name, None if below else kept.size_bytes)
        for root in reversed(self._roots(run_id)):
            place = inside(root, relative) if relative else root
            if place.is_dir() and (place == root or _is_below(root, place)):
                for one in os.scandir(place):
                    if one.is_dir(follow_symlinks=False):
                        found[one.name] = Entry(one.name, None)
                    elif one.is_file(follow_symlinks=False):
                        found[one.name] = Entry(one.name, one.stat(follow_symlinks=False).st_size)
        return tuple(found[name] for name in sorted(found))

    def open_version(self, version: ModelVersion, path: str) -> IO[bytes] | None:
        """Open a file of a registered version, below its own folder; None when there is none at this path."""
        digest = files_of(version).get(storable(path))
        return None if digest is None else open_regular(self._folder.blobs.verified(digest))

    def list_version(self, version: ModelVersion, path: str) -> tuple[Entry, ...]:
        """Return what lies in a folder of a registered version, by name."""
        prefix = storable(f"{path}/") if path else ""
        found: dict[str, Entry] = {}
        for one in files_of(version).items():
            if one[0].startswith(prefix):
                name, below, _ = one[0].removeprefix(prefix).partition("/")
                size = None if below else self._folder.blobs.path_of(one[1]).stat().st_size
                found[name] = Entry(name, size)
        return tuple(found[name] for name in sorted(found))

    @contextmanager
    def receiving(self, run_id: str, path: str) -> Iterator[IO[bytes]]:
        """Give a file to write to; at the end it stands at `path` whole, at an error nothing of it does.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When the path is none below the root, or another file is in its way.
        StorageError
            When it cannot be written.
        """
        relative = check_target(self._db, run_id, path)
        run_folder = self._folder.run(run_id)
        root = run_folder / "uploads" / _OUTPUTS
        target, partial = inside(root, relative), run_folder / PARTIAL
        with in_words(run_folder, relative):
            partial.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_own(root, within=run_folder)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_below(root, target) or target.is_dir():
                raise InvalidInput("Invalid path")
            handle, name = tempfile.mkstemp(dir=partial)
            try:
                with os.fdopen(handle, "wb") as stream:
                    yield stream
                    stream.flush()
                    flush_contents(stream.fileno())
                Path(name).replace(target)
                flush(target.parent)
            finally:
                Path(name).unlink(missing_ok=True)

    def remove(self, run_id: str, path: str) -> None:
        """Remove a file or folder that was uploaded while its run goes on; what an ended run left stays."""
        relative = checked(path)
        root = self._folder.run(run_id) / "uploads" / _OUTPUTS
        target = inside(root, relative) if relative else root
        if target != root and not _is_below(root, target):
            raise InvalidInput("Invalid path")
        with suppress(FileNotFoundError), own_folder(root, within=self._folder.run(run_id)):
            if target.is_dir():
                shutil.rmtree(target, ignore_errors=True)
            else:
                target.unlink(missing_ok=True)

    def _roots(self, run_id: str) -> tuple[Path, ...]:
        folder = self._folder.run(run_id)
        return folder / "uploads" / _OUTPUTS, folder / "snapshot" / _OUTPUTS


def _is_below(root: Path, place: Path) -> bool:
    """Whether a path stays below the root when links are followed, its last part left aside: that one is looked at."""
    parent = place.parent.resolve()
    real = root.resolve()
    return (parent == real or real in parent.parents) and not place.is_symlink()
