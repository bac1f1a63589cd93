"""The owner lock: exactly one engine owns a workspace.

The lock is the kernel's, on an open file, so it ends with the process whatever ends the process. The file's text
says who holds it, for people.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from desktop_aml.domain.errors import StorageError
from desktop_aml.system import locks
from desktop_aml.system.files import read_regular


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
            handle = locks.open_lock(self._path)
        except OSError as error:
            raise StorageError(
                f"The workspace at “{self._path.parent}” cannot be written: {error.strerror}.",
                "Check that the folder exists and that you may write in it.",
            ) from error
        try:
            is_free = locks.try_lock(handle)
        except OSError as error:
            os.close(handle)
            raise StorageError(
                f"The file system that holds “{self._path.parent}” does not know file locks.",
                "Move the workspace to a local disk.",
            ) from error
        if not is_free:
            os.close(handle)
            return False
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
        if not locks.is_held(path):
            return None
        owner: dict[str, object] = json.loads(read_regular(path) or b"{}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return owner
