"""Snapshots: the copy of the source that a run executes, and the rules for what is left out.

One ignore file counts, in the root of the source directory: ``.amlignore`` if there is one, else ``.gitignore``;
git's syntax. Besides it, what can never be meant is left out: version control, caches, virtual environments,
outputs of earlier runs and files that look like secrets. Everything left out is listed.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_aml.domain.errors import InvalidInput, NotFound, StorageError
from desktop_aml.domain.inside_paths import inside
from desktop_aml.domain.runs import Artifact
from desktop_aml.store.blobs import BlobStore, digest_of, write_durably
from desktop_aml.store.folder import OWN_NAMES

_log = logging.getLogger(__name__)

ALWAYS_IGNORED = (
    ".git",
    ".hg/",
    ".svn/",
    "__pycache__/",
    "*.pyc",
    ".ipynb_checkpoints/",
    ".venv/",
    "venv/",
    "env/",
    "node_modules/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".azureml/",
    "/outputs/",
    "/logs/",
    ".DS_Store",
    ".env",
    "*.pem",
    "id_rsa",
    "id_ed25519",
    ".netrc",
    ".aws/",
    ".ssh/",
    "credentials.json",
)
_MAX_FILES = 200_000
_MANIFEST = "snapshot.json"
_LAID_OUT = "laid_out.json"


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
        When there is no such folder.
    StorageError
        When the folder or a file in it cannot be read.
    """
    import pathspec  # Imported here: the window starts without it.

    if not source.is_dir():
        raise NotFound(f"There is no folder “{source}”.", "Choose the folder that holds the script.")
    name = next((name for name in (".amlignore", ".gitignore") if (source / name).is_file()), "")
    lines = _ignore_lines(source / name) if name else []
    # A script often lies in the very folder that is the workspace: its runs and models are no part of the source.
    own = [f"/{part}" for part in OWN_NAMES] if workspace == source else []
    rules = pathspec.GitIgnoreSpec.from_lines([*ALWAYS_IGNORED, *lines, *own])
    files: list[tuple[str, int]] = []
    ignored: list[str] = []
    odd: list[str] = []
    for relative, info in _walk(source, lambda path: rules.match_file(path), ignored, workspace):
        if stat.S_ISREG(info.st_mode):
            files.append((relative, info.st_size))
            _check_count(source, len(files))
        else:
            odd.append(relative)
    return SnapshotPreview(
        str(source), tuple(sorted(files)), tuple(sorted(ignored)), name, tuple(_warnings(files, odd, limits))
    )


def _ignore_lines(path: Path) -> list[str]:
    """Return the patterns of an ignore file; a line that is none is refused, as passing it over may copy a secret."""
    import pathspec

    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise StorageError(
            f"The ignore file “{path}” cannot be read: {error.strerror}.", "Change its permissions."
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error) as error:
            raise InvalidInput(
                f"Line {number} of “{path}” is not a pattern of git: {line[:80]}", "Mend the line, or take it out."
            ) from error
    return lines


def _check_count(source: Path, count: int) -> None:
    if count > _MAX_FILES:
        raise InvalidInput(
            f"“{source}” holds more than {_MAX_FILES:,} files.",
            "Choose the folder of the script alone, or leave folders out with an .amlignore file.",
        )


def _walk(
    source: Path, is_ignored: Callable[[str], bool], ignored: list[str], workspace: Path | None
) -> Iterator[tuple[str, os.stat_result]]:
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(source / folder), key=lambda entry: entry.name)
        except OSError as error:
            raise StorageError(
                f"The folder “{source / folder}” cannot be read: {error.strerror}.",
                "Change its permissions, or leave it out with an .amlignore file.",
            ) from error
        for entry in entries:
            relative = f"{folder}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            inside = f"{relative}/" if is_folder else relative
            if is_ignored(inside) or (workspace is not None and Path(entry.path) == workspace):
                ignored.append(inside)
            elif is_folder:
                pending.append(inside)
            else:
                yield relative, _stat(entry)


def _stat(entry: os.DirEntry[str]) -> os.stat_result:
    # A link to a regular file is copied as the file; anything else that is not a file is passed over.
    try:
        return entry.stat(follow_symlinks=True)
    except OSError:
        return entry.stat(follow_symlinks=False)


def _warnings(files: list[tuple[str, int]], odd: list[str], limits: Limits) -> Iterator[str]:
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
        yield f"Not copied, because they are not plain files: {', '.join(odd[:5])}{'…' if len(odd) > 5 else ''}"


def take(
    source: Path,
    run_directory: Path,
    blobs: BlobStore,
    *,
    workspace: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    only: str = "",
) -> tuple[Artifact, ...]:
    """Keep a copy of `source` in the blob store and write its manifest into the run's folder.

    Parameters
    ----------
    only : str
        The one file to keep, relative to `source`; empty keeps all that is not ignored.
    progress : callable, optional
        Called with bytes done and bytes in all.
    """
    files = ((only, (source / only).stat().st_size),) if only else preview(source, workspace=workspace).files
    size_bytes = sum(size for _, size in files)
    done, kept = 0, []
    for relative, size in files:
        try:
            digest, size = blobs.add((source / relative).resolve())
        except FileNotFoundError:
            # Another program removed it since the folder was looked at.
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
    write_manifest(run_directory, kept)
    return tuple(kept)


def take_file(source: Path, run_directory: Path, blobs: BlobStore) -> None:
    """Keep a copy of one file as the whole snapshot of a run."""
    digest, size = blobs.add(source)
    blobs.flush()
    write_manifest(run_directory, [Artifact(source.name, size, digest)])


def copy_manifest(from_run: Path, run_directory: Path) -> tuple[Artifact, ...]:
    """Give a run the snapshot of an earlier run."""
    files = manifest(from_run)
    write_manifest(run_directory, files)
    return files


def manifest(run_directory: Path) -> tuple[Artifact, ...]:
    """Return the files of a run's snapshot."""
    try:
        rows = json.loads((run_directory / _MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"The run in “{run_directory}” has no snapshot.") from error
    return tuple(Artifact(row["path"], row["size_bytes"], row["sha256"]) for row in rows)


def write_manifest(run_directory: Path, files: Sequence[Artifact]) -> None:
    """Write the list of files of a run's snapshot into the run's folder."""
    run_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = [{"path": file.path, "size_bytes": file.size_bytes, "sha256": file.sha256} for file in files]
    write_durably(run_directory / _MANIFEST, json.dumps(rows).encode())


def lay_out(run_directory: Path, blobs: BlobStore) -> Path:
    """Make the working folder of a run from its snapshot, with ``outputs`` and ``logs`` in it; return the folder."""
    working = run_directory / "snapshot"
    laid_out: dict[str, list[int]] = {}
    for file in manifest(run_directory):
        target = inside(working, file.path)
        # What an earlier attempt laid out may be half a file after a power cut.
        if not target.is_file() or digest_of(target) != file.sha256:
            blobs.copy_out(file.sha256, target)
        laid_out[file.path] = look(target.lstat())
    (run_directory / _LAID_OUT).write_text(json.dumps(laid_out), "utf-8")
    for name in ("outputs", "logs"):
        (working / name).mkdir(parents=True, exist_ok=True)
    return working


def look(found: os.stat_result) -> list[int]:
    """Return what changes with a file: a write, a new file under its name, or a touch."""
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def looks(run_directory: Path) -> dict[str, list[int]]:
    """Return how the files of a run's source looked when they were laid out; empty where that is not known."""
    try:
        found = json.loads((run_directory / _LAID_OUT).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remove_folder(folder: Path) -> None:
    """Remove a run's folder if there is one; what cannot be removed is left and noted."""
    if folder.exists():
        shutil.rmtree(folder, onerror=lambda _, path, error: _log.warning("%s stays: %s", path, error[1]))
