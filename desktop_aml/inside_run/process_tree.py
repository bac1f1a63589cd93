"""Find and signal the processes of one attempt, through ``/proc``.

A process belongs to the attempt when it descends from the launcher, which is a child subreaper, or when it bears the
attempt's nonce in its environment. Standard library only, Python 3.6 or newer.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING or __package__:
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
        with open("/proc/{}/stat".format(pid), "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
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
    statuses = {int(name): _status(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    children: "dict[int, list[int]]" = {}
    for pid, (_, parent, _) in statuses.items():
        children.setdefault(parent, []).append(pid)
    ours = {pid for pid in statuses if pid != own and _environment_has(pid, mark)}
    waiting = [own]
    waiting.extend(ours)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in ours and child != apart and not (spared and _environment_has(child, spared)):
                ours.add(child)
                waiting.append(child)
    return [(pid, statuses[pid][2]) for pid in sorted(ours) if statuses[pid][0] not in (b"Z", b"X", b"")]


def _environment_has(pid: int, mark: bytes) -> bool:
    try:
        with open("/proc/{}/environ".format(pid), "rb") as stream:
            return mark in stream.read().split(b"\0")
    except OSError:
        return False


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
