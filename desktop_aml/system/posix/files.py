"""Files of POSIX systems, for `files`."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Final

assert sys.platform != "win32", "this module is of another system"

FLUSHABLE: Final = os.O_RDONLY
"""How to open a file to flush it."""

# Without O_NONBLOCK the open itself waits for the other end of a FIFO.
CAREFUL: Final = os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""Flags to open what may be anything."""

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
"""Flags to hold a folder."""

BY_DESCRIPTOR: Final = "/proc/self/fd" if sys.platform == "linux" else ""
"""Where what a descriptor holds can be named as a path; empty where it cannot."""

NO_LINKS: Final = os.O_NOFOLLOW
"""Flags to refuse a symbolic link."""


def flush_descriptor(handle: int) -> None:
    """Make the bytes of an open file durable."""
    os.fsync(handle)


def flush_contents(handle: int) -> None:
    """Make the bytes of an open file durable, and its size; its times need not be."""
    if sys.platform == "linux":
        os.fdatasync(handle)
    else:
        os.fsync(handle)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_everything() -> bool:
    """Flush all file systems at once; it waits for what other programs wrote, too."""
    os.sync()
    return True


def used_bytes(look: os.stat_result) -> int:
    """Return what the blocks take; a file with holes takes less than its size."""
    return look.st_blocks * 512


def set_mode(handle: int, mode: int) -> None:
    """Change the permissions of an open file."""
    os.fchmod(handle, mode)


def first_hole(handle: int) -> int:
    """Return where the first hole begins; the end counts as one."""
    return os.lseek(handle, 0, os.SEEK_HOLE)


def next_data(handle: int, start: int) -> int:
    """Return where there is data from `start` on; the end where there is none."""
    try:
        return os.lseek(handle, start, os.SEEK_DATA)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return os.fstat(handle).st_size
