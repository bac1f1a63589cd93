"""Locks of Windows, for `locks`: one byte far behind the end of the file."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

assert sys.platform == "win32", "this module is of another system"

import msvcrt  # noqa: E402 - it is there on Windows alone

NOT_INHERITED: Final = os.O_NOINHERIT
LOOKING: Final = os.O_RDWR

# A lock on Windows forbids others to read the range: the text of the file must stay out of it.
_BYTE: Final = 1 << 30
_LOOK_AGAIN_S: Final = 0.02


def try_lock(descriptor: int) -> bool:
    """Lock for its holder alone; return whether it was free."""
    os.lseek(descriptor, _BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except PermissionError:
        return False
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)
    return True


def lock(descriptor: int) -> None:
    """Lock for its holder alone, once it is free; the C library's own wait gives up after ten seconds."""
    while not try_lock(descriptor):
        time.sleep(_LOOK_AGAIN_S)


def try_look(descriptor: int) -> bool:
    """Return whether nobody holds it alone; there are no shared locks in the C library."""
    return try_lock(descriptor)
