"""Tell one process from another for as long as the computer runs, and signal only the right one.

A process id alone is recycled. Boot id + process id + start time is not; the nonce in the environment finds what a
dead supervisor left behind. Linux only (``/proc``, pidfd).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_DEAD = frozenset({"Z", "X", "x"})


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process. `start_time` is in clock ticks since boot, field 22 of proc_pid_stat(5)."""

    pid: int
    start_time: int
    boot_id: str

    def is_alive(self) -> bool:
        """Whether this very process runs; a zombie does not."""
        return self.boot_id == boot_id() and _start_time(self.pid) == self.start_time

    def send(self, number: signal.Signals) -> bool:
        """Signal this very process and wake it if it is stopped; False when it is gone.

        The pidfd is opened first and the identity checked after, so the number cannot change hands in between.
        """
        try:
            pidfd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.is_alive():
                return False
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, number)
                signal.pidfd_send_signal(pidfd, signal.SIGCONT)
                return True
            return False
        finally:
            os.close(pidfd)


def boot_id() -> str:
    """Return the identity of this start of the computer."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def find_bearers(nonce: str) -> tuple[ProcessIdentity, ...]:
    """Return every live process that bears the nonce in its environment, and the descendants of each."""
    mark = b"DESKTOP_AML_NONCE=" + nonce.encode()
    boot = boot_id()
    statuses = {pid: status for pid in _pids() if (status := _status(pid)) is not None}
    children: dict[int, list[int]] = {}
    for pid, (_, parent, _) in statuses.items():
        children.setdefault(parent, []).append(pid)
    found = {pid for pid in statuses if _environment_has(pid, mark)} - {os.getpid()}
    waiting = list(found)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return tuple(ProcessIdentity(pid, statuses[pid][2], boot) for pid in sorted(found) if statuses[pid][0] not in _DEAD)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _start_time(pid: int) -> int | None:
    status = _status(pid)
    return None if status is None or status[0] in _DEAD else status[2]


def _status(pid: int) -> tuple[str, int, int] | None:
    """Return state, parent and start time; None when there is no such process."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    fields = text.rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[1]), int(fields[19])


def _environment_has(pid: int, mark: bytes) -> bool:
    try:
        return mark in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
