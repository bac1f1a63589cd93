"""Find and signal the processes of one attempt, through ``/proc``.

A process belongs to the attempt when it descends from the launcher, which is a child subreaper, or when it bears the
attempt's nonce in its environment. Standard library only, Python 3.6 or newer.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING or __name__.startswith("desktop_aml."):
    from desktop_aml.inside_run.lean import prctl, signal
else:
    from lean import prctl, signal

__all__ = ["PR_SET_CHILD_SUBREAPER", "PR_SET_PDEATHSIG", "find_remaining", "prctl", "send", "start_time"]

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def start_time(pid: int) -> int:
    """Return when `pid` started, in clock ticks since boot (field 22 of proc_pid_stat(5)); 0 when it is gone."""
    state, _, ticks = _status(pid)
    return 0 if state in (b"Z", b"X", b"") else ticks


def _status(pid: int) -> "tuple[bytes, int, int]":
    """Return state, parent and start time of `pid`; the state is empty when there is no such process."""
    try:
        fields = _read("/proc/{}/stat".format(pid)).rpartition(b")")[2].split()
    except OSError:
        return b"", 0, 0
    return fields[0], int(fields[1]), int(fields[19])


def find_remaining(nonce: str, spared: bytes = b"", apart: int = 0) -> "list[tuple[int, int]]":
    """Return (pid, start time) of all that is alive of this attempt: descendants, and bearers of the nonce.

    Parameters
    ----------
    spared : bytes
        ``NAME=value``: what has this in its environment is no part of it, nor is what it started.
    apart : int
        A child of this process that is no part of it either, whose environment does not say so yet; 0 for none.
    """
    own, mark = os.getpid(), b"DESKTOP_AML_NONCE=" + nonce.encode()
    there = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    ours = {pid for pid in there if pid != own and _environment_has(pid, mark)}
    if not ours and _has_no_child_but(apart):
        # Nearly always. Who descends from whom, of all processes of a computer, takes longer than the rest.
        return []
    statuses = {pid: _status(pid) for pid in there}
    children: "dict[int, list[int]]" = {}
    for pid, (_, parent, _) in statuses.items():
        children.setdefault(parent, []).append(pid)
    waiting = [own]
    waiting.extend(ours)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in ours and child != apart and not (spared and _environment_has(child, spared)):
                ours.add(child)
                waiting.append(child)
    return [(pid, statuses[pid][2]) for pid in sorted(ours) if statuses[pid][0] not in (b"Z", b"X", b"")]


def _has_no_child_but(apart: int) -> bool:
    """Whether this process, to which orphans come, has no other child, so that nothing descends from it.

    A child that ends while the list of them is read may hide others there. It then waits to be collected.
    """
    try:
        if _has_ended_child():
            return False
        for thread in os.listdir("/proc/self/task"):
            if any(int(pid) != apart for pid in _read("/proc/self/task/{}/children".format(thread)).split()):
                return False
        return not _has_ended_child()
    except ChildProcessError:
        return True
    except OSError:
        return False  # this kernel does not tell


def _has_ended_child() -> bool:
    """Whether a child waits to be collected; raise `ChildProcessError` when there is no child at all."""
    if sys.platform == "linux":
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    else:
        return True  # and the look is the long one


def _environment_has(pid: int, mark: bytes) -> bool:
    try:
        text = _read("/proc/{}/environ".format(pid))
    except OSError:
        return False
    return mark in text and mark in text.split(b"\0")


def _read(path: str) -> bytes:
    """Return a file of ``/proc``; without the layers of `open`, which take longer than the kernel."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        parts = [os.read(descriptor, 1 << 16)]
        while parts[-1]:
            parts.append(os.read(descriptor, 1 << 16))
        return b"".join(parts)
    finally:
        os.close(descriptor)


def send(pid: int, started: int, number: int) -> None:
    """Signal `pid` if it is still the process that started at `started`, and wake it so that it can obey.

    The number may have passed to another process between the scan and now; the start then differs. What is left is the
    moment between the look and the signal, which Python 3.6 has no pidfd to close.
    """
    if start_time(pid) == started:
        try:
            os.kill(pid, number)
            if sys.platform != "win32":
                os.kill(pid, signal.SIGCONT)
        except (ProcessLookupError, PermissionError):
            pass
