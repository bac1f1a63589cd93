"""Processes that this one started: groups of them, what they are told by signals, and how they ended.

What is said of processes in general, also of those that others started, is in `processes`.
"""

from __future__ import annotations

import sys
from typing import Final

if sys.platform == "win32":
    from desktop_aml.system.windows import children as own
else:
    from desktop_aml.system.posix import children as own

KILL: Final = own.KILL
"""The signal that no process can refuse."""

STOP_BY_FORCE: Final = own.STOP_BY_FORCE
"""Tells a launcher to end its script at once; SIGTERM is the polite way."""

READ_AGAIN: Final = own.READ_AGAIN
"""Tells a server to read its settings again."""


def signal_group(leader: int, number: int) -> None:
    """Signal a child that leads a group of its own, and all of the group.

    Parameters
    ----------
    leader : int
        Process id of the child, which must not be reaped yet: so the number is its own.

    Raises
    ------
    ProcessLookupError
        When nothing is left of the group.
    """
    own.signal_group(leader, number)


def collect(pid: int) -> int | None:
    """Return the exit code of a child that has ended, and let the system forget it; None while it goes on.

    It is negative for a child that a signal ended.

    Raises
    ------
    ChildProcessError
        When there is no such child (any more).
    NotOnThisSystem
        Where a child cannot be asked by its number.
    """
    return own.collect(pid)
