"""Content-addressed files: a file is named by the SHA-256 of its bytes, written once, verified on use."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from desktop_aml.domain.errors import FULL, NotFound, StorageError, disk_full
from desktop_aml.store.holding import Hold
from desktop_aml.system import copying
from desktop_aml.system.files import flush, flush_many, make_missing, open_regular
from desktop_aml.system.new_files import new_in

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_YOUNG_NS = 60 * 10**9
"""How long ago another process may have given a file its name without having flushed the folder yet."""


class BlobStore:
    """The folder ``blobs/sha256`` of a workspace. Safe to use from several threads.

    Parameters
    ----------
    root : Path
        The folder; made on first use.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._of_thread = threading.local()
        self._trusted: dict[Path, tuple[int, ...]] = {}

    def path_of(self, digest: str) -> Path:
        """Return where the file with this digest is kept. This is the only place that turns a digest into a path."""
        if not _DIGEST.fullmatch(digest):
            raise NotFound(f"“{digest[:80]}” is not the SHA-256 of a file.")
        return self._root / digest[:2] / digest

    def use(self, *, alone: bool = False) -> Hold:
        """Hold the store while files are added, until a record names them; `alone` to remove what nothing names.

        Raises
        ------
        StorageError
            When others hold it for very long.
        """
        return Hold(self._root / ".lock", alone=alone)

    def add(self, source: Path) -> tuple[str, int]:
        """Copy a file in and return its digest and size in bytes.

        The copy gets its name by `flush`, which the same thread calls before a row names it. A file that is there
        already counts only when it still has its bytes; else the copy takes its place.

        Raises
        ------
        OSError
            When `source` cannot be read, or is no plain file.
        DiskFull
            When there is no room for the copy.
        """
        digest, size, temporary = self._copy_in(source)
        target = self.path_of(digest)
        if self._is_good(target, digest):
            temporary.unlink()
            self._added()[target] = None
        else:
            again = self._added().get(target)
            self._added()[target] = temporary
            if again is not None:
                again.unlink()
        return digest, size

    def _added(self) -> dict[Path, Path | None]:
        """Return what this thread added since its last flush: the file, and the copy that is still to get its name."""
        added: dict[Path, Path | None] = self._of_thread.__dict__.setdefault("added", {})
        return added

    def _is_good(self, target: Path, digest: str) -> bool:
        """Whether the file is there with its bytes; one that did not change since this process last looked is."""
        try:
            signature = _signature(target)
            if self._trusted.get(target) == signature:
                return True
            with open_regular(target) as data:
                good = _digest_of_stream(data) == digest
        except OSError:
            return False
        if good:
            self._trusted[target] = signature
        return good

    def _copy_in(self, source: Path) -> tuple[str, int, Path]:
        hasher, size = hashlib.sha256(), 0
        with open_regular(source) as data:
            with self._no_room():
                make_missing(self._root, within=self._root.parents[1])
                handle, name = new_in(self._root, ".incoming-", reads=True)
            try:
                with os.fdopen(handle, "r+b", 0) as out:
                    # What is hashed is the copy: the source may change meanwhile.
                    shares = copying.share_blocks(data.fileno(), out.fileno())
                    while chunk := (out.read(_CHUNK) if shares else data.read(_CHUNK)):
                        hasher.update(chunk)
                        with self._no_room():
                            if not shares:
                                copying.write_sparsely(out.fileno(), chunk)
                        size += len(chunk)
                    with self._no_room():
                        copying.end_sparsely(out.fileno())
            except BaseException:
                Path(name).unlink()
                raise
        return hasher.hexdigest(), size, Path(name)

    @contextlib.contextmanager
    def _no_room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(self._root.parent, error) from error
            raise StorageError(
                f"“{self._root}” cannot be written: {error.strerror}.", "Check the disk and the permissions."
            ) from error

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
        handle, name = new_in(target.parent, ".incoming-")
        try:
            with os.fdopen(handle, "wb", 0) as out, open_regular(source) as data:
                if not copying.share_blocks(data.fileno(), out.fileno()):
                    while chunk := data.read(_CHUNK):
                        copying.write_sparsely(out.fileno(), chunk)
                    copying.end_sparsely(out.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def flush(self) -> None:
        """Make every file that this thread added durable, then its name: a name never stands for half of a file.

        Raises
        ------
        DiskFull
            When there was no room after all. What was added since the last call is then to be added again.
        """
        added, self._of_thread.added = self._added(), {}
        copies = {target: copy for target, copy in added.items() if copy is not None}
        try:
            with self._no_room():
                flush_many(copies.values())
                for target, copy in copies.items():
                    target.parent.mkdir(mode=0o700, exist_ok=True)
                    copy.chmod(0o400)
                    copy.replace(target)
                self._flush_folders({target.parent for target in added if self._is_new(target)})
        except BaseException:
            for copy in copies.values():
                copy.unlink(missing_ok=True)
            raise
        for target in copies:
            self._trusted[target] = _signature(target)

    def _is_new(self, target: Path) -> bool:
        # One that is there may have got its name from another thread or process that did not flush the folder yet.
        return target not in self._trusted or time.time_ns() - target.stat().st_ctime_ns < _YOUNG_NS

    def _flush_folders(self, folders: set[Path]) -> None:
        flush_many(folders)
        if folders:
            flush(self._root)


def _signature(path: Path) -> tuple[int, ...]:
    found = path.lstat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with open_regular(path, follow_links=True) as data:
        return _digest_of_stream(data)


def _digest_of_stream(data: BufferedReader) -> str:
    return hashlib.file_digest(data, "sha256").hexdigest()
