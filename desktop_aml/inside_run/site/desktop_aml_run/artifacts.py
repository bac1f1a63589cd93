"""Keep files as artifacts of the run: whole or not at all, each path once, never outside the run's folder."""

import os
import shutil

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from typing import Any, BinaryIO, NoReturn

    Source = str | PathLike[str] | BinaryIO


class ArtifactExists(UserErrorException):
    """The run has an artifact of this path already."""


def clean_path(path: object) -> str:
    """Return an artifact path with ``/``, without ``.`` and a leading ``/``.

    Raises
    ------
    UserErrorException
        When nothing is left, or when it leads out of the run.
    """
    parts = [part for part in str(path).replace(os.sep, "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in str(path):
        raise UserErrorException("{!r} is not a path inside a run.".format(path))
    return "/".join(parts)


class ArtifactStore(object):
    """Files that a script uploads by name, and the folders that are collected by themselves."""

    def __init__(self, run_directory: str, run_id: str) -> None:
        self._uploads = os.path.join(run_directory, "uploads")
        self.unfinished = os.path.join(run_directory, "requests")  # the same disk, and nothing there is collected
        self._manifest = os.path.join(run_directory, "run.json")
        self._snapshot = os.path.join(run_directory, "snapshot")
        self._run_id = run_id

    def add(self, path: str, source: "Source") -> "tuple[str, int]":
        """Store a copy of `source`, a file name or a binary stream, and return (artifact path, size in bytes)."""
        path = clean_path(path)
        target = os.path.join(self._uploads, *path.split("/"))
        if os.path.lexists(target) or path in self._kept():
            self._refuse(path)
        os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
        temporary = os.path.join(self.unfinished, "upload-{}.tmp".format(os.urandom(8).hex()))
        try:
            size = self._copy(source, temporary)
            # A link fails when another process was quicker; a rename would replace its file.
            os.link(temporary, target)
        except FileExistsError:
            self._refuse(path)
        finally:
            if os.path.lexists(temporary):
                os.unlink(temporary)
        _flush_folder(os.path.dirname(target))
        return path, size

    def add_next_free(self, path: str, source: "Source") -> "tuple[str, int]":
        """Store `source` under `path`, or under a numbered path beside it when that is taken."""
        stem, extension = os.path.splitext(clean_path(path))
        number = 0
        while True:
            try:
                return self.add(stem + ("_{}".format(number) if number else "") + extension, source)
            except ArtifactExists:
                number += 1

    def path_of(self, path: str) -> str:
        """Return where the file of an artifact is read from; it may not exist."""
        path = clean_path(path)
        uploaded = os.path.join(self._uploads, *path.split("/"))
        return uploaded if os.path.exists(uploaded) else os.path.join(self._snapshot, *path.split("/"))

    def names(self) -> "list[str]":
        """Return the paths of all artifacts so far, sorted."""
        found = set(_files_below(self._uploads, self._uploads))
        for name in ("outputs", "logs"):
            found.update(_files_below(os.path.join(self._snapshot, name), self._snapshot))
        return sorted(found)

    def _kept(self) -> "set[str]":
        """Return the paths of what is kept already of a run that has ended: its files lie here no more."""
        import json

        try:
            with open(self._manifest, "rb") as stream:
                return {artifact["path"] for artifact in json.loads(stream.read().decode())["artifacts"]}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def _copy(self, source: "Any", temporary: str) -> int:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            if hasattr(source, "read"):
                shutil.copyfileobj(source, copy, 1 << 20)
            else:
                if not os.path.isfile(source):
                    raise UserErrorException("There is no file {!r} to upload.".format(str(source)))
                with open(source, "rb") as stream:
                    shutil.copyfileobj(stream, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
            return copy.tell()

    def _refuse(self, path: str) -> "NoReturn":
        raise ArtifactExists(
            "Resource Conflict: ArtifactId ExperimentRun/dcid.{}/{} already exists.".format(self._run_id, path)
        ) from None


def _files_below(folder: str, root: str) -> "Iterator[str]":
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in files:
            yield os.path.relpath(os.path.join(parent, name), root).replace(os.sep, "/")


def _flush_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def image_kind(path: str) -> "str | None":
    """Return ``"png"``, ``"jpeg"``, ``"gif"``, ``"bmp"``, ``"webp"`` or ``"tiff"`` by the first bytes, else None."""
    with open(path, "rb") as stream:
        head = stream.read(16)
    for kind, start in (
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("jpeg", b"\xff\xd8\xff"),
        ("gif", b"GIF8"),
        ("bmp", b"BM"),
        ("tiff", b"II*\0"),
        ("tiff", b"MM\0*"),
    ):
        if head.startswith(start):
            return kind
    return "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None
