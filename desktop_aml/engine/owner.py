"""The owner lock: exactly one engine owns a workspace.

The lock is the kernel's, on an open file, so it ends with the process whatever ends the process. The file's text
says who holds it, for people.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path

from desktop_aml.domain.errors import StorageError


class OwnerLock:
    """The right to write a workspace.

    Parameters
    ----------
    path : Path
        The lock file.
    kind : str
        ``"window"`` or ``"headless"``, told to whoever asks.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; return whether this process holds it.

        Raises
        ------
        StorageError
            When the file system knows no locks, or the folder cannot be written.
        """
        if self._handle is not None:
            return True
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"The workspace at “{self._path.parent}” cannot be written: {error.strerror}.",
                "Check that the folder exists and that you may write in it.",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            raise StorageError(
                f"The file system that holds “{self._path.parent}” does not know file locks.",
                "Move the workspace to a local disk.",
            ) from error
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps({"pid": os.getpid(), "kind": self._kind}).encode())
        self._handle = handle
        return True

    def release(self) -> None:
        """Give the lock back; safe to call twice."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def owner_of(path: Path) -> dict[str, object] | None:
    """Return who holds the lock (``pid`` and ``kind``), or None when nobody does."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        try:
            owner: dict[str, object] = json.loads(os.read(handle, 4096) or b"{}")
        except ValueError:
            return {}
        return owner
    finally:
        os.close(handle)
    return None
