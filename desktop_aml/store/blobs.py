"""Content-addressed files: a file is named by the SHA-256 of its bytes, written once, verified on use."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from desktop_aml.domain.errors import NotFound, StorageError
from desktop_aml.plain_files import open_regular as open_regular

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_MANY = 24


class BlobStore:
    """The folder ``blobs/sha256`` of a workspace.

    Parameters
    ----------
    root : Path
        The folder; made on first use.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unflushed: list[Path] = []

    def path_of(self, digest: str) -> Path:
        """Return where the file with this digest is kept. This is the only place that turns a digest into a path."""
        if not _DIGEST.fullmatch(digest):
            raise NotFound(f"“{digest[:80]}” is not the SHA-256 of a file.")
        return self._root / digest[:2] / digest

    def add(self, source: Path) -> tuple[str, int]:
        """Copy a file in and return its digest and size in bytes. Call `flush` before a row names it."""
        digest, size, temporary = self._copy_in(source)
        target = self.path_of(digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists() and target.stat().st_size == size:
            temporary.unlink()
        else:
            temporary.chmod(0o400)
            temporary.replace(target)
            self._unflushed.append(target)
        return digest, size

    def _copy_in(self, source: Path) -> tuple[str, int, Path]:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._root, prefix=".incoming-")
        temporary, hasher, size = Path(name), hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as out, open_regular(source) as data:
                while chunk := data.read(_CHUNK):
                    hasher.update(chunk)
                    out.write(chunk)
                    size += len(chunk)
        except BaseException:
            temporary.unlink()
            raise
        return hasher.hexdigest(), size, temporary

    def verified(self, digest: str) -> Path:
        """Return the file with this digest after comparing its bytes with the digest.

        Raises
        ------
        NotFound
            When the file is gone.
        StorageError
            When its bytes changed.
        """
        path = self.path_of(digest)
        if not path.is_file():
            raise NotFound(f"The file with the SHA-256 {digest} is gone from “{self._root}”.")
        if digest_of(path) != digest:
            raise StorageError(
                f"The file “{path}” no longer has the bytes it was stored with.",
                "The disk or another program changed it. Restore it from a backup, or register the file again.",
            )
        return path

    def copy_out(self, digest: str, target: Path) -> None:
        """Write the verified file to `target`, complete or not at all."""
        source = self.verified(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as out, source.open("rb") as data:
                while chunk := data.read(_CHUNK):
                    out.write(chunk)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def flush(self) -> None:
        """Make every file added since the last call durable, with its name."""
        added, self._unflushed = self._unflushed, []
        if len(added) > _MANY:
            # One flush of everything is far quicker than one for each of many small files.
            os.sync()
            return
        for path in added:
            flush(path)
        for folder in {path.parent for path in added}:
            flush(folder)
        if added:
            flush(self._root)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, durable: a rename alone can be lost with the power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a small file so that it is complete or absent, also after a power cut."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    flush(path.parent)
