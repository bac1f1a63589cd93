"""Files that are complete or absent, whatever happens while they are written, and opened only for what they are."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    from desktop_aml.system import windows_files as own
else:
    from desktop_aml.system import posix_files as own

PRIVATE = 0o600
"""Permissions of files that only their owner reads."""


def write_durably(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Replace a small file, so that after a power cut it holds all of `data` or what it held before.

    The new bytes are flushed before they take the name, and the name is flushed before this returns.

    Parameters
    ----------
    path : Path
        The file; its folder must exist. A link there is replaced, not followed.
    mode : int
        Permissions of the new file.

    Raises
    ------
    OSError
        When the disk is full or the folder cannot be written; `path` is as before, and nothing is left beside it.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            own.flush_descriptor(out.fileno())
        # A file of mkstemp is private; only a wider one has to be told so.
        if mode != PRIVATE:
            Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    own.flush_folder(path.parent)


def flush(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, durable: a rename alone can be lost with the power.

    Raises
    ------
    OSError
        When it is gone, or the disk fails.
    """
    if path.is_dir():
        own.flush_folder(path)
        return
    handle = os.open(path, own.FLUSHABLE)
    try:
        own.flush_descriptor(handle)
    finally:
        os.close(handle)


def open_regular(path: Path) -> BinaryIO:
    """Open for reading a file that a stranger may have put there.

    Raises
    ------
    OSError
        With ``EINVAL`` when it is not a plain file: a FIFO would block for ever, a device has no end, a link leads
        anywhere.
    """
    handle = os.open(path, own.CAREFUL)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "It is not a plain file", str(path))
    return os.fdopen(handle, "rb")
