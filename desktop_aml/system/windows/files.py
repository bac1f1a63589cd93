"""Files of Windows, for `files`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

assert sys.platform == "win32", "this module is of another system"

FLUSHABLE: Final = os.O_RDWR
"""How to open a file to flush it: FlushFileBuffers wants the right to write."""

CAREFUL: Final = os.O_BINARY | os.O_NOINHERIT
"""Flags to open what may be anything."""

FOLDER: Final = os.O_RDONLY
"""Folders cannot be opened here."""

BY_DESCRIPTOR: Final = ""
"""Nor is there a place where what a descriptor holds has a path."""

NO_LINKS: Final = 0
"""There is no such flag; links need a privilege that few have."""


def flush_descriptor(handle: int) -> None:
    """Make the bytes of an open file durable."""
    os.fsync(handle)


def flush_contents(handle: int) -> None:
    """Make the bytes of an open file durable, and its size."""
    os.fsync(handle)


def flush_folder(folder: Path) -> None:
    """Do nothing: NTFS keeps a journal of names, and folders cannot be opened to be flushed."""
    del folder


def flush_everything() -> bool:
    """Return that it was not done: only a whole volume can be flushed, and only by an administrator."""
    return False


def used_bytes(look: os.stat_result) -> int:
    """Return the size: how many blocks a file takes is not told."""
    return look.st_size


def set_mode(handle: int, mode: int) -> None:
    """Do nothing: who may do what with a file is inherited from its folder, and Windows has no such bits."""
    del handle, mode


def first_hole(handle: int) -> int:
    """Return the end of the file: where its holes are is not told."""
    return os.fstat(handle).st_size


def next_data(handle: int, start: int) -> int:  # noqa: ARG001 - of one contract with the other systems
    """Return `start`: where its holes are is not told."""
    return start
