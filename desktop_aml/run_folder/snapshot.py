"""Snapshots: the copy of the source that a run executes, and the rules for what is left out.

What is left out, `source_rules` says. Everything left out is listed.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from desktop_aml.domain.errors import InvalidInput, NotFound, StorageError
from desktop_aml.domain.inside_paths import inside
from desktop_aml.domain.runs import Artifact
from desktop_aml.run_folder.source_rules import SourceRules, secrets_among
from desktop_aml.store.blobs import BlobStore, digest_of
from desktop_aml.system.files import make_own, read_regular, write_durably, write_whole

_log = logging.getLogger(__name__)

_MAX_FILES = 200_000
_MANIFEST = "snapshot.json"
BARE_FOLDERS = "bare_folders.json"
"""What names the folders of which nothing was copied, where there are any."""
_LAID_OUT = "laid_out.json"
_REMEMBERED_BYTES = 256 << 10
"""Length of a list of files that is remembered; what longer ones hold would take too much memory."""

_VANISHED = (FileNotFoundError, NotADirectoryError)
"""What says that another program removed a file, or a folder on the way to it, since its folder was looked at."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a snapshot comes with a warning; Azure ML refuses it there."""

    size_bytes: int = 300_000_000
    files: int = 2000


@dataclass(frozen=True, slots=True)
class SnapshotPreview:
    """What a snapshot of a source directory would hold. Paths are relative, with ``/``."""

    source_directory: str
    files: tuple[tuple[str, int], ...]
    ignored: tuple[str, ...]
    ignore_file: str
    warnings: tuple[str, ...] = ()
    bare_folders: tuple[str, ...] = ()
    """Those of which no file is copied, and empty ones that an ignore file leaves out: a script may write into them."""

    @property
    def file_count(self) -> int:
        """Number of files that would be copied."""
        return len(self.files)

    @property
    def size_bytes(self) -> int:
        """Size of all files that would be copied."""
        return sum(size for _, size in self.files)


def preview(source: Path, *, workspace: Path | None = None, limits: Limits = Limits()) -> SnapshotPreview:
    """List what a snapshot of `source` would hold and what it would leave out.

    Parameters
    ----------
    workspace : Path, optional
        A workspace that lies inside `source`, or is `source`; what it holds of its own is left out.
    limits : Limits
        What to warn of.

    Raises
    ------
    NotFound
        When there is no such folder, or it vanishes meanwhile.
    StorageError
        When the folder or a file in it cannot be read.
    """
    if not source.is_dir():
        raise _no_folder(source)
    rules = SourceRules(source, workspace)
    files: list[tuple[str, int]] = []
    ignored: list[str] = []
    odd: list[str] = []
    vanished: list[str] = []
    folders: list[str] = []
    for relative, info in _walk(source, rules, ignored, vanished, folders):
        if stat.S_ISREG(info.st_mode):
            files.append((relative, info.st_size))
            _check_count(source, len(files))
        else:
            odd.append(relative)
    warnings = [*_warnings(files, odd, secrets_among(rules, sorted(ignored)), limits), *_gone(vanished)]
    found = tuple(sorted(files)), tuple(sorted(ignored))
    return SnapshotPreview(str(source), *found, rules.ignore_file, tuple(warnings), _bare(folders, files))


def _bare(folders: Sequence[str], files: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Return the folders that no file stands for: of those in one another the innermost."""
    above: set[str] = set()
    for path in (*folders, *(relative for relative, _ in files)):
        above.update(parent.as_posix() for parent in PurePosixPath(path).parents)
    return tuple(sorted(folder for folder in folders if folder not in above))


def _no_folder(source: Path) -> NotFound:
    return NotFound(f"There is no folder “{source}”.", "Choose the folder that holds the script.")


def _gone(vanished: Sequence[str]) -> Iterator[str]:
    if vanished:
        yield f"Not copied, because another program removed them meanwhile: {_some(vanished)}"


def _check_count(source: Path, count: int) -> None:
    if count > _MAX_FILES:
        raise InvalidInput(
            f"“{source}” holds more than {_MAX_FILES:,} files.",
            "Choose the folder of the script alone, or leave folders out with an .amlignore file.",
        )


def _walk(
    source: Path, rules: SourceRules, ignored: list[str], vanished: list[str], folders: list[str]
) -> Iterator[tuple[str, os.stat_result]]:
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(source / folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except _VANISHED as error:
            if not folder:
                raise _no_folder(source) from error
            vanished.append(folder)
            continue
        except OSError as error:
            raise StorageError(
                f"The folder “{source / folder}” cannot be read: {error.strerror}.",
                "Change its permissions, or leave it out with an .amlignore file.",
            ) from error
        for entry in entries:
            relative = f"{folder}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            named = f"{relative}/" if is_folder else relative
            why = rules.left_out(named)
            if why is not None:
                ignored.append(named)
                if is_folder and why.line and _is_empty(source / named):
                    folders.append(relative)
            elif is_folder:
                pending.append(named)
                folders.append(relative)
            else:
                try:
                    info = _stat(entry)
                except _VANISHED:
                    vanished.append(relative)
                else:
                    yield relative, info


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as found:
            return next(found, None) is None
    except OSError:
        return False


def _stat(entry: os.DirEntry[str]) -> os.stat_result:
    # A link to a regular file is copied as the file; anything else that is not a file is passed over.
    try:
        return entry.stat(follow_symlinks=True)
    except OSError:
        return entry.stat(follow_symlinks=False)


def _warnings(files: list[tuple[str, int]], odd: list[str], secrets: Sequence[str], limits: Limits) -> Iterator[str]:
    size = sum(size for _, size in files)
    advice = "It is copied all the same; leave files out with .amlignore, or raise {} in settings.json."
    if size > limits.size_bytes:
        yield (
            f"The snapshot holds {size / 1e6:,.0f} MB: more than {limits.size_bytes / 1e6:,.0f} MB, which Azure ML "
            f"would refuse. {advice.format('snapshot_warning_bytes')}"
        )
    if len(files) > limits.files:
        yield (
            f"The snapshot holds {len(files):,} files: more than {limits.files:,}, which Azure ML would refuse. "
            f"{advice.format('snapshot_warning_files')}"
        )
    if odd:
        yield f"Not copied, because they are not plain files (links to folders, pipes, devices): {_some(odd)}"
    if secrets:
        yield (
            f"Not copied, because they look like secrets: {_some(secrets)}. To copy one all the same, write "
            f"!{secrets[0]} into an .amlignore file."
        )


def _some(names: Sequence[str]) -> str:
    return f"{', '.join(names[:5])}{'…' if len(names) > 5 else ''}"


def take(
    source: Path,
    run_directory: Path,
    blobs: BlobStore,
    *,
    workspace: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    only: str = "",
    limits: Limits = Limits(),
    warn: Callable[[str], object] | None = None,
) -> tuple[Artifact, ...]:
    """Keep a copy of `source` in the blob store and write its manifest into the run's folder.

    Parameters
    ----------
    only : str
        The one file to keep, relative to `source`; empty keeps all that is not ignored.
    progress : callable, optional
        Called with bytes done and bytes in all.
    warn : callable, optional
        Called with each warning of the preview, see `preview`, and with what vanished since.

    Raises
    ------
    NotFound
        When there is no such folder, or it, or the one file to keep, vanishes meanwhile.
    StorageError
        When the folder or a file in it cannot be read.
    """
    seen = None if only else preview(source, workspace=workspace, limits=limits)
    files = seen.files if seen is not None else ((only, 0),)
    if seen is not None and warn is not None:
        for warning in seen.warnings:
            warn(warning)
    with blobs.use():
        kept, vanished = _add(files, source, blobs, progress)
        if vanished and only:
            raise NotFound(f"There is no file “{source / only}”.", "Check the path.")
        if vanished and not source.is_dir():
            raise _no_folder(source)
        for warning in _gone(vanished):
            (warn or _log.warning)(warning)
        write_manifest(run_directory, kept)
        if seen is not None and seen.bare_folders:
            write_durably(run_directory / BARE_FOLDERS, json.dumps(seen.bare_folders).encode())
        return tuple(kept)


def _add(
    files: Sequence[tuple[str, int]], source: Path, blobs: BlobStore, progress: Callable[[int, int], None] | None
) -> tuple[list[Artifact], list[str]]:
    """Add files to the store; return what is kept, and the names of what vanished since its folder was looked at."""
    size_bytes = sum(size for _, size in files)
    done, kept, vanished = 0, [], []
    for relative, size in files:
        try:
            digest, size = blobs.add((source / relative).resolve())
        except _VANISHED:
            vanished.append(relative)
            continue
        except OSError as error:
            raise StorageError(
                f"The file “{source / relative}” cannot be copied: {error.strerror}.",
                "Change its permissions, free some space, or leave it out with an .amlignore file.",
            ) from error
        kept.append(Artifact(relative, size, digest))
        done += size
        if progress is not None:
            progress(done, size_bytes)
    blobs.flush()
    return kept, vanished


def take_file(source: Path, run_directory: Path, blobs: BlobStore) -> None:
    """Keep a copy of one file as the whole snapshot of a run.

    Raises
    ------
    NotFound
        When there is no such file.
    StorageError
        When it cannot be read.
    """
    take(source.parent, run_directory, blobs, only=source.name)


def copy_manifest(from_run: Path, run_directory: Path, blobs: BlobStore) -> tuple[Artifact, ...]:
    """Give a run the snapshot of an earlier run."""
    with blobs.use():
        files = manifest(from_run)
        write_manifest(run_directory, files)
        folders = bare_folders(from_run)
        if folders:
            write_durably(run_directory / BARE_FOLDERS, json.dumps(folders).encode())
    return files


def manifest(run_directory: Path) -> tuple[Artifact, ...]:
    """Return the files of a run's snapshot.

    Raises
    ------
    NotFound
        When it has none.
    StorageError
        When the list of its files is damaged.
    """
    try:
        data = read_regular(run_directory / _MANIFEST)
        return _parsed(data) if len(data) <= _REMEMBERED_BYTES else _parsed.__wrapped__(data)
    except FileNotFoundError as error:
        raise NotFound(f"The run in “{run_directory}” has no snapshot.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StorageError(f"The list of the code of the run, “{run_directory / _MANIFEST}”, is damaged.") from error


def bare_folders(run_directory: Path) -> tuple[str, ...]:
    """Return the folders of a run's source of which no file was copied; none where that is not known."""
    try:
        found = json.loads(read_regular(run_directory / BARE_FOLDERS))
    except (OSError, ValueError, RecursionError):
        return ()
    return tuple(filter(None, map(str, found))) if isinstance(found, list) else ()


@lru_cache(maxsize=16)
def _parsed(data: bytes) -> tuple[Artifact, ...]:
    """Return what a list of files says: a run's is asked for at each of its steps, and trials of a sweep share one."""
    return tuple(Artifact(row["path"], row["size_bytes"], row["sha256"]) for row in json.loads(data))


def write_manifest(run_directory: Path, files: Sequence[Artifact]) -> None:
    """Write the list of files of a run's snapshot into the run's folder."""
    run_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = [{"path": file.path, "size_bytes": file.size_bytes, "sha256": file.sha256} for file in files]
    write_durably(run_directory / _MANIFEST, json.dumps(rows).encode())


def lay_out(run_directory: Path, blobs: BlobStore) -> Path:
    """Make the working folder of a run from its snapshot, with ``outputs`` and ``logs`` in it; return the folder."""
    working = run_directory / "snapshot"
    laid_out: dict[str, list[int]] = {}
    make_own(working, within=run_directory)
    for file in manifest(run_directory):
        target = inside(working, file.path)
        # A script of an earlier attempt may have put links where the source had folders.
        make_own(target.parent, within=working)
        # What an earlier attempt laid out may be half a file after a power cut.
        if not target.is_file() or digest_of(target) != file.sha256:
            blobs.copy_out(file.sha256, target)
        laid_out[file.path] = look(target.lstat())
    # Not flushed: where a power cut takes it, what is laid out here is compared by its bytes.
    write_whole(run_directory / _LAID_OUT, json.dumps(laid_out).encode())
    for name in (*bare_folders(run_directory), "outputs", "logs"):
        make_own(inside(working, name), within=working)
    return working


def look(found: os.stat_result) -> list[int]:
    """Return what changes with a file: a write, a new file under its name, or a touch."""
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def looks(run_directory: Path) -> dict[str, list[int]]:
    """Return how the files of a run's source looked when they were laid out; empty where that is not known."""
    try:
        found = json.loads(read_regular(run_directory / _LAID_OUT))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def remove_folder(folder: Path) -> None:
    """Remove a run's folder if there is one; what cannot be removed is left and noted."""
    for is_last in (False, True):
        failed: list[tuple[str, BaseException]] = []
        if folder.exists():
            shutil.rmtree(folder, onerror=lambda _, path, error, failed=failed: failed.append((path, error[1])))  # type: ignore[misc]
        if not failed:
            return
        # A manifest that was being written meanwhile: no other begins for what was deleted.
        for path, error in failed if is_last else ():
            _log.warning("%s stays: %s", path, error)
