"""Locks of POSIX systems, for `locks`: flock, which belongs to the open file and not to the process.

A descriptor that a child inherits on purpose keeps the lock held after its parent died, which fcntl's own locks do not.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from typing import Final

assert sys.platform != "win32", "this module is of another system"

NOT_INHERITED: Final = os.O_CLOEXEC
# Without O_NONBLOCK a FIFO in its place would block for ever.
LOOKING: Final = os.O_RDONLY | os.O_NONBLOCK

_TAKEN: Final = frozenset({errno.EWOULDBLOCK, errno.EACCES})


def try_lock(descriptor: int) -> bool:
    """Lock for its holder alone; return whether it was free."""
    return _flock(descriptor, fcntl.LOCK_EX)


def lock(descriptor: int) -> None:
    """Lock for its holder alone, once it is free."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def try_look(descriptor: int) -> bool:
    """Return whether nobody holds it alone."""
    return _flock(descriptor, fcntl.LOCK_SH)


def _flock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True
