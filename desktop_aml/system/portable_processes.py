"""Processes of any system that psutil knows, for `processes`. On Linux it passes the suite of what is used there."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Final, Self

import psutil

from desktop_aml.system.identified import Identified

_LOOK_AGAIN_S: Final = 0.02


def boot_id() -> str:
    """Return when the computer was started, in whole seconds since 1970."""
    return str(int(psutil.boot_time()))


def start_time(pid: int) -> int:
    """Return the start in milliseconds since 1970; 0 when the process is gone or a zombie."""
    try:
        process = psutil.Process(pid)
        return 0 if process.status() == psutil.STATUS_ZOMBIE else int(process.create_time() * 1000)
    except (psutil.Error, ValueError):
        return 0


def memory_bytes(pid: int) -> int:
    """Return what a process holds of the memory; 0 when nobody may tell."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


class Handle:
    """A process that is looked at again before each signal; psutil refuses those whose number changed hands."""

    def __init__(self, identity: Identified) -> None:
        self._identity = identity
        self._process: psutil.Process | None = None

    def __enter__(self) -> Self:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._identity.pid)
            if start_time(process.pid) == self._identity.start_time != 0:
                self._process = process
        return self

    def __exit__(self, *_: object) -> None:
        self._process = None

    def send(self, number: signal.Signals) -> bool:
        """Signal it, then let it go on where the system can stop processes."""
        if self._process is None:
            return False
        try:
            self._process.send_signal(number)
            with contextlib.suppress(psutil.Error):
                self._process.resume()
        except psutil.Error:
            return False
        return True

    def wait(self, timeout_s: float) -> bool:
        """Return whether it ended in time."""
        # psutil's own wait would take the exit code of a child away from whoever started it.
        until = time.monotonic() + timeout_s
        while start_time(self._identity.pid) == self._identity.start_time != 0:
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_AGAIN_S)
        return True


def end_group(leader: int) -> None:
    """Kill what is left of the process group whose leader was reaped; where there are no groups, nothing."""
    if sys.platform != "win32" and not psutil.pid_exists(leader):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def tell_end(pid: int, tell: Callable[[], None]) -> None:
    """Do nothing: what psutil offers would take the exit code of a child away from whoever started it."""


def find_bearers(variable: str, value: str) -> list[tuple[int, int]]:
    """Return process ids and starts of who bears the variable, and of all below them."""
    found: dict[int, int] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(variable) == value:
                for one in (process, *process.children(recursive=True)):
                    found[one.pid] = start_time(one.pid)
    return sorted((pid, started) for pid, started in found.items() if started and pid != os.getpid())


def borne_by(pid: int, variable: str) -> str:
    """Return the value of a variable in the environment of a process, else of the nearest one above it; or nothing."""
    with contextlib.suppress(psutil.Error, OSError, ValueError):
        process = psutil.Process(pid)
        for one in (process, *process.parents()):
            with contextlib.suppress(psutil.Error, OSError):
                if found := one.environ().get(variable):
                    return found
    return ""


def stack_of(_identity: Identified) -> str:
    """Return nothing: no Python listens for this question here."""
    return ""
