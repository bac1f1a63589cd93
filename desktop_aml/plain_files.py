"""The one way to open a file that a stranger may have put there: a run, a container, another program.

A FIFO in its place would block for ever, a device has no end, and a link could lead anywhere.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader, BufferedWriter
from pathlib import Path


def open_regular(source: Path, *, follow_links: bool = False) -> BufferedReader:
    """Open a file for reading.

    Parameters
    ----------
    follow_links : bool
        Whether `source` itself may be a symbolic link, as with a file that the user named.

    Raises
    ------
    OSError
        When it cannot be opened, or is not a plain file.
    """
    return os.fdopen(_opened(source, os.O_RDONLY, follow_links=follow_links), "rb")


def read_regular(source: Path, limit: int = -1) -> bytes:
    """Return the first `limit` bytes of a file, or all of them.

    Raises
    ------
    OSError
        When it cannot be read, or is not a plain file.
    """
    with open_regular(source) as stream:
        return stream.read(limit)


def append_to_regular(target: Path) -> BufferedWriter:
    """Open a file to write at its end; it is made when there is none.

    Raises
    ------
    OSError
        When it cannot be opened, or is not a plain file.
    """
    return os.fdopen(_opened(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab")


def _opened(path: Path, flags: int, *, follow_links: bool = False) -> int:
    # A FIFO without a reader refuses to be opened for writing, one for reading opens at once and is refused below.
    flags |= os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if follow_links else os.O_NOFOLLOW)
    handle = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "It is not a plain file", str(path))
    return handle
