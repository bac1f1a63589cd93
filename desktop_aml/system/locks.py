"""Locks on files: the kernel's, so they end with whoever holds them, whatever ends that process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    from desktop_aml.system.windows import locks as own
else:
    from desktop_aml.system.posix import locks as own


def open_lock(path: Path) -> int:
    """Return the descriptor of a lock file, which is made when it is absent; nothing is locked yet.

    Raises
    ------
    OSError
        When the folder is gone or cannot be written.
    """
    # Not inherited: a child that outlives us must not hold what we held.
    return os.open(path, os.O_RDWR | os.O_CREAT | own.NOT_INHERITED, 0o600)


def try_lock(descriptor: int) -> bool:
    """Lock the file of a descriptor for its holder alone, until it is closed; return whether it was free.

    Raises
    ------
    OSError
        When the file system knows no locks.
    """
    return own.try_lock(descriptor)


def lock(descriptor: int) -> None:
    """Lock the file of a descriptor for its holder alone, until it is closed; wait as long as another has it.

    Raises
    ------
    OSError
        When the file system knows no locks.
    """
    own.lock(descriptor)


def try_share(descriptor: int) -> bool:
    """Lock the file of a descriptor for its holder and others who share it, until it is closed; return whether it went.

    Raises
    ------
    OSError
        When the file system knows no locks.
    """
    return own.try_look(descriptor)


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock file at `path`; an absent file is held by nobody.

    Looking takes the lock for an instant, shared where the system has that: two that look do not see each other.

    Raises
    ------
    OSError
        When the file cannot be read, or its file system knows no locks.
    """
    try:
        descriptor = os.open(path, own.LOOKING | own.NOT_INHERITED)
    except FileNotFoundError:
        return False
    try:
        return not own.try_look(descriptor)
    finally:
        # Closing gives back what the look itself may have taken.
        os.close(descriptor)
