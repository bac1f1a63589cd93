"""Children of POSIX systems, for `children`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

assert sys.platform != "win32", "this module is of another system"

KILL: Final = signal.SIGKILL
STOP_BY_FORCE: Final = signal.SIGUSR1
READ_AGAIN: Final = signal.SIGHUP


def signal_group(leader: int, number: int) -> None:
    """Signal the process group."""
    os.killpg(leader, number)


def collect(pid: int) -> int | None:
    """Reap the child, if it has ended."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None
