"""Children on Windows, for `children`: there are no groups of processes to signal."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import Final, NoReturn

import psutil

from desktop_aml.system.missing import NotOnThisSystem

assert sys.platform == "win32", "this module is of another system"

KILL: Final = signal.SIGTERM
"""TerminateProcess, which is what this signal means here: there is no polite way."""

STOP_BY_FORCE: Final = signal.SIGTERM
READ_AGAIN: Final = signal.SIGBREAK


def signal_group(leader: int, number: int) -> None:
    """Signal the child and what it has started; who was left by a parent that ended is not found."""
    try:
        found = psutil.Process(leader)
        family = [*found.children(recursive=True), found]
    except psutil.NoSuchProcess:
        raise ProcessLookupError(leader) from None
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.send_signal(number)


def collect(pid: int) -> NoReturn:
    """Raise: an exit code is had from the handle of a process, not from its number."""
    raise NotOnThisSystem(f"Asking how a process ended by its number ({pid})")
