"""Processes of Linux, for `processes`: ``/proc`` and pidfd."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, Self

from desktop_aml.system.identified import Identified

assert sys.platform == "linux", "this module is of another system"

_PROC: Final = Path("/proc")
_DEAD: Final = frozenset({"Z", "X", "x"})
_SHORT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors of the one who looks, not of what is looked at."""
_LOOK_AGAIN_S: Final = 0.02
_PART: Final = 1 << 16

# As `inside_run/site/desktop_aml_run/stacks.py` has them.
_STACK_SIGNAL: Final = 61
_STACK_MEMORY: Final = "/memfd:desktop-aml-stacks"
_STACK_S: Final = 2.0
_STACK_LOOK_S: Final = 0.02
_LARGEST_STACK: Final = 1 << 20


@cache  # no process outlives a boot, and each look at a run asks for it
def boot_id() -> str:
    """Return the kernel's identity of this boot."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int:
    """Return the start in clock ticks since the boot; 0 when the process is gone or a zombie.

    Raises
    ------
    OSError
        When it cannot be told, for instance because too many files are open: that is no end of the process.
    """
    status = _status(pid)
    return 0 if status is None or status[0] in _DEAD else status[2]


class Handle:
    """A process held by a pidfd.

    The pidfd is opened first and the identity checked after, so the number cannot change hands in between. A kernel
    before 5.3 has none: there the identity is checked again before each signal, which leaves an instant.
    """

    def __init__(self, identity: Identified) -> None:
        self._identity = identity
        self._pidfd = -1

    def __enter__(self) -> Self:
        try:
            self._pidfd = os.pidfd_open(self._identity.pid)
        except (OSError, AttributeError):
            self._pidfd = -1
        if not self._identity.is_alive():
            self._close()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, number: signal.Signals) -> bool:
        """Signal it, then let it go on: a stopped process would not see its own end before."""
        try:
            for each in (number, signal.SIGCONT):
                if self._pidfd >= 0:
                    signal.pidfd_send_signal(self._pidfd, each)
                elif self._identity.is_alive():
                    os.kill(self._identity.pid, each)
                else:
                    return each is signal.SIGCONT
        except ProcessLookupError:
            return False
        return True

    def ask(self, number: int) -> bool:
        """Signal it and do nothing more: one that is stopped stays so."""
        try:
            if self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, number)
            elif self._identity.is_alive():
                os.kill(self._identity.pid, number)
            else:
                return False
        except ProcessLookupError:
            return False
        return True

    def wait(self, timeout_s: float) -> bool:
        """Return whether it ended in time."""
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            return bool(poll.poll(timeout_s * 1000))
        until = time.monotonic() + timeout_s
        while self._identity.is_alive():
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_AGAIN_S)
        return True

    def _close(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


def end_group(leader: int) -> None:
    """Kill what is left of the process group whose leader was reaped."""
    # As long as one is left of the group nobody else gets its number. Who has it now, zombie or not, is a stranger.
    if not (_PROC / str(leader)).exists():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def tell_end(pid: int, tell: Callable[[], None]) -> None:
    """Call `tell` when the child has ended; not at all on a kernel before 5.3."""
    try:
        pidfd = os.pidfd_open(pid)
    except (OSError, AttributeError):
        return

    def wait() -> None:
        try:
            poll = select.poll()
            poll.register(pidfd, select.POLLIN)
            poll.poll()
        finally:
            os.close(pidfd)
        tell()

    try:
        threading.Thread(target=wait, name=f"end-of-{pid}", daemon=True).start()
    except RuntimeError:
        os.close(pidfd)


def find_bearers(variable: str, value: str) -> list[tuple[int, int]]:
    """Return process ids and starts of who bears the variable, and of all below them."""
    mark = f"{variable}={value}".encode()
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
    return [(pid, statuses[pid][2]) for pid in sorted(found) if statuses[pid][0] not in _DEAD]


def memory_bytes(pid: int) -> int:
    """Return what a process holds of the memory, by its part where pages are shared; 0 when nobody may tell."""
    try:
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")), 0)
    except OSError as error:
        if error.errno in _SHORT:
            raise
        return 0


def borne_by(pid: int, variable: str) -> str:
    """Return the value of a variable in the environment of a process, else of the nearest one above it; or nothing."""
    start = f"{variable}=".encode()
    while pid > 1 and (status := _status(pid)) is not None:
        for word in _environment(pid).split(b"\0"):
            if word.startswith(start):
                return os.fsdecode(word.removeprefix(start))
        pid = status[1]
    return ""


def stack_of(identity: Identified) -> str:
    """Return where the threads of a Python that listens for the question are; empty for every other process.

    Whoever does not listen would be killed by the signal, so it is sent to nobody else.
    """
    memory = _stack_memory(identity.pid)
    try:
        if memory is None or not _catches(identity.pid, _STACK_SIGNAL):
            return ""
        before = memory.stat().st_size
        with Handle(identity) as handle:
            if not handle.ask(_STACK_SIGNAL):
                return ""
        size, until = before, time.monotonic() + _STACK_S
        while time.monotonic() < until:
            time.sleep(_STACK_LOOK_S)
            last, size = size, memory.stat().st_size
            if size == last > before:
                break
        with memory.open("rb") as stream:
            stream.seek(before)
            return stream.read(_LARGEST_STACK).decode("utf-8", "replace")
    except OSError:
        return ""  # it ended meanwhile, or is somebody else's


def _stack_memory(pid: int) -> Path | None:
    """Return the path of the memory into which a process would tell of itself."""
    with contextlib.suppress(OSError):
        for entry in (_PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()).startswith(_STACK_MEMORY):
                    return entry
    return None


def _catches(pid: int, number: int) -> bool:
    for line in _read(f"/proc/{pid}/status").splitlines():
        name, _, mask = line.partition(b":")
        if name == b"SigCgt":
            return bool(int(mask, 16) >> (number - 1) & 1)
    return False


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _status(pid: int) -> tuple[str, int, int] | None:
    """Return state, parent and start; None when there is no such process."""
    try:
        text = _read(f"/proc/{pid}/stat")
    except OSError as error:
        if error.errno in _SHORT:
            raise
        return None
    # The command's name may hold blanks and parentheses: the fields are counted after its end.
    fields = text.rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[1]), int(fields[19])


def _environment_has(pid: int, mark: bytes) -> bool:
    text = _environment(pid)
    return mark in text and mark in text.split(b"\0")


def _environment(pid: int) -> bytes:
    """Return the environment block of a process; empty for one that may not be read."""
    try:
        return _read(f"/proc/{pid}/environ")
    except OSError as error:
        if error.errno in _SHORT:
            raise
        return b""


def _read(path: str) -> bytes:
    """Return a file of ``/proc``. The engine asks at each look, of each run: pathlib and streams take twice as long."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = [os.read(handle, _PART)]
        while parts[-1]:
            parts.append(os.read(handle, _PART))
        return b"".join(parts)
    finally:
        os.close(handle)
