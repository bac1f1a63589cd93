"""What a run may use of the computer, kept by its supervisor without any right that a user does not have.

Cores: the script and what it starts may run on some cores only. Which ones is agreed with the supervisors of other
runs by names of sockets, which the kernel gives back when their owner is gone; where all are taken, runs share.
Memory: each process may have so much of its own (``RLIMIT_DATA``), and all of them together are looked at whenever the
run is measured. A program that wants to can take the cores back; it cannot have more memory for long.

Standard library only, Python 3.6 or newer.
"""

import math
import os
import resource
import sys
import time

assert sys.platform != "win32", "this module is of POSIX systems"

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any

    from desktop_aml.inside_run import machine_use
    from desktop_aml.inside_run.attempt_folder import Job
else:
    import machine_use

LOOK_S = 0.5
SHARE = 0.01
"""Part of one core that looking at a run with a limit of memory may take; with very many processes it comes later."""


class Limits:
    """The limits of one attempt.

    Parameters
    ----------
    cpus : float or None
        How many cores it may use; parts of one count as a whole one.
    memory_bytes : int or None
        How much memory all of its processes may have together.
    """

    def __init__(self, cpus: "float | None", memory_bytes: "int | None") -> None:
        self.memory_bytes = memory_bytes
        self._held: "list[socket.socket]" = []
        self.cores = self._choose(math.ceil(cpus)) if cpus else []
        self._due = time.monotonic() + LOOK_S

    def _choose(self, count: int) -> "list[int]":
        """Return cores that no other limited run has, as far as there are any; then others."""
        allowed: "list[int]" = []
        if sys.platform == "linux":
            allowed = sorted(os.sched_getaffinity(0))
        if count >= len(allowed):
            return []
        # From the far end: programs that choose for themselves begin at the first.
        chosen = [core for core in reversed(allowed) if len(self._held) < count and self._hold(core)]
        others = [core for core in reversed(allowed) if core not in chosen]
        return sorted(chosen + others[: count - len(chosen)])

    def _hold(self, core: int) -> bool:
        import socket  # here, as most runs have no limits

        # An abstract name: no file is left behind, and it is free again once this process is gone.
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            one.bind(b"\0desktop-aml-core-%d-%d" % (os.getuid(), core))
        except OSError:
            one.close()
            return False
        self._held.append(one)
        return True

    def bind_script(self) -> None:
        """Put this process, which is to become the script, under the limits."""
        if self.cores and sys.platform == "linux":
            os.sched_setaffinity(0, self.cores)
        if self.memory_bytes:
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            most = self.memory_bytes if hard == resource.RLIM_INFINITY else min(self.memory_bytes, hard)
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))

    @property
    def due(self) -> float:
        """When the memory is to be looked at, on the monotonic clock."""
        return self._due if self.memory_bytes else math.inf

    def has_too_much(self, now: float, apart: int = 0) -> bool:
        """Whether the processes of the run have more memory together than they may.

        What several of them share counts once: only when a first sum is too large, that is added up exactly.
        """
        if now < self.due or not self.memory_bytes:
            return False
        cost = time.process_time()
        family = [pid for pid in machine_use.family(os.getpid(), apart) if pid != os.getpid()]
        is_more = _sum(family, _resident) > self.memory_bytes and _sum(family, _proportional) > self.memory_bytes
        self._due = time.monotonic() + max(LOOK_S, (time.process_time() - cost) / SHARE)
        return is_more

    def words(self) -> str:
        """Return how the limits are kept, for the run's record."""
        cores = "cores {} by affinity".format(", ".join(map(str, self.cores))) if self.cores else ""
        memory = ""
        if self.memory_bytes:
            memory = "memory of each process by RLIMIT_DATA, of all together by looking about every {:g} s".format(
                LOOK_S
            )
        return "; ".join(filter(None, (cores, memory)))


def _sum(family: "list[int]", size: "Any") -> int:
    total = 0
    for pid in family:
        try:
            total += size(pid)
        except (OSError, ValueError, IndexError):
            pass
    return total


def _resident(pid: int) -> int:
    with open("/proc/{}/statm".format(pid), "rb") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _proportional(pid: int) -> int:
    try:
        with open("/proc/{}/smaps_rollup".format(pid), "rb") as stream:
            return next(int(line.split()[1]) * 1024 for line in stream if line.startswith(b"Pss:"))
    except (OSError, StopIteration):
        # Kernels before 4.14 have none.
        return _resident(pid)


def limits_of(job: "Job") -> "Limits | None":
    """Return what keeps the limits of a run that has any."""
    if job.cpus is None and job.memory_bytes is None:
        return None
    return Limits(job.cpus, job.memory_bytes)
