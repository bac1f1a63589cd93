"""Tell one process from another for as long as the computer runs, wait for it, and signal only the right one.

A process id alone is recycled. The boot, the process id and the time of its start are not.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from desktop_aml.system.children import KILL

if sys.platform == "linux":
    from desktop_aml.system.linux import processes as own
else:
    from desktop_aml.system import portable_processes as own


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process.

    Parameters
    ----------
    pid : int
        Its id.
    start_time : int
        When it started: clock ticks since the boot on Linux (field 22 of proc_pid_stat(5)), milliseconds since 1970
        elsewhere. Compared, never computed with.
    boot_id : str
        Which start of the computer this is about.
    """

    pid: int
    start_time: int
    boot_id: str

    def is_alive(self) -> bool:
        """Whether this very process runs; a zombie does not.

        Raises
        ------
        OSError
            When it cannot be told now, for instance because too many files are open.
        """
        return self.pid > 0 and self.boot_id == boot_id() and own.start_time(self.pid) == self.start_time != 0

    def held(self) -> AbstractContextManager[ProcessHandle]:
        """Hold on to this very process, so that its number cannot change hands between looking and signalling."""
        return own.Handle(self)

    def stack(self) -> str:
        """Return where its threads are, in the words of Python's faulthandler; empty where it was not prepared for it.

        It waits up to two seconds for the answer, and changes nothing of what the process does.
        """
        return own.stack_of(self)

    def send(self, number: signal.Signals) -> bool:
        """Signal this very process and wake it if it is stopped; return False when it is gone."""
        with self.held() as handle:
            return handle.send(number)


class ProcessHandle(Protocol):
    """A process that is held: what is sent to it reaches no other."""

    def send(self, number: signal.Signals) -> bool:
        """Signal it and wake it if it is stopped; return False when it is gone."""

    def wait(self, timeout_s: float) -> bool:
        """Return whether it ended within `timeout_s` seconds."""


def boot_id() -> str:
    """Return what tells one start of the computer from the next."""
    return own.boot_id()


def start_time(pid: int) -> int:
    """Return when a process started, see `ProcessIdentity`; 0 when it is gone. A zombie counts as gone."""
    return own.start_time(pid)


def identity_of(pid: int) -> ProcessIdentity | None:
    """Return who runs under `pid` just now, or None when nobody does."""
    started = own.start_time(pid)
    return ProcessIdentity(pid, started, own.boot_id()) if started else None


def end_group(leader: int) -> None:
    """Kill what is left of the process group of a child that has ended and was reaped.

    Its number is free by then. Where another process has it meanwhile, nothing is left of the group.

    Parameters
    ----------
    leader : int
        Process id of the child, which led a group (or session) of its own.
    """
    own.end_group(leader)


def tell_end(pid: int, tell: Callable[[], None]) -> None:
    """Call `tell` once, on a thread of its own, when a child of this process has ended, before it is reaped.

    It saves a wait, and nothing may depend on it: where the system cannot watch a process, or has no thread or
    descriptor left, `tell` is never called.

    Parameters
    ----------
    pid : int
        A child that is not reaped yet, so that the number is its own.
    """
    own.tell_end(pid, tell)


def find_bearers(variable: str, value: str) -> tuple[ProcessIdentity, ...]:
    """Return every live process whose environment has this variable with this value, and the descendants of each.

    This process itself is never among them. Processes whose environment may not be read bear nothing.
    """
    boot = own.boot_id()
    return tuple(ProcessIdentity(pid, started, boot) for pid, started in own.find_bearers(variable, value))


def memory_bytes(identity: ProcessIdentity) -> int:
    """Return what a process holds of the memory, shared pages by its part of them; 0 when it is gone."""
    return own.memory_bytes(identity.pid) if identity.is_alive() else 0


def borne_by(pid: int, variable: str) -> str:
    """Return the value of a variable in the environment of a process, else of the nearest one above it; or nothing."""
    return own.borne_by(pid, variable)


def end_bearers(variable: str, value: str) -> None:
    """Kill every process that `find_bearers` finds, and look once more for what they started meanwhile."""
    for _ in range(2):
        for identity in find_bearers(variable, value) if value else ():
            identity.send(KILL)
