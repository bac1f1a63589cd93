"""What the processes of one attempt use of the computer, sampled by its supervisor from ``/proc``.

Each look measures what it costs itself, and the next one comes so much later that all of them stay below a share of a
core. Standard library only, Python 3.6 or newer.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

assert sys.platform != "win32", "this module is of POSIX systems"

SHARE = 0.001
"""Part of one core that looking may take; half of what was promised, as the launcher is woken as well."""

FIRST_S = 0.25
LEAST_S = 1.0
LINES = 1200
"""When the curve has so many points, every second one goes."""

HEADING = b"seconds,cores,memory_bytes,read_bytes,written_bytes\n"


class Sampler:
    """Keeps the curve of one attempt in a file; a full disk or an odd file there ends the curve, never the run."""

    def __init__(self, path: bytes, ticks: int = 0, page: int = 0) -> None:
        self.path = path
        self.peak_memory_bytes = 0
        self.read_bytes = self.written_bytes = -1
        self._ticks = float(ticks or os.sysconf("SC_CLK_TCK"))
        self._page = page or os.sysconf("SC_PAGE_SIZE")
        self._began = time.monotonic()
        self._seen = self._began
        self._cpu_s = 0.0
        self._lines: "list[bytes]" = []
        self._stride = 1
        self._skipped = 0
        self._is_broken = False
        self.due = self._began + FIRST_S

    def look(self, now: float, apart: int = 0) -> None:
        """Take a sample when it is time for one.

        Parameters
        ----------
        now : float
            The present moment of the monotonic clock.
        apart : int
            A child of this process that is no part of the run; 0 for none.
        """
        if now < self.due:
            return
        cost = time.process_time()
        self._sample(now, apart)
        cost = time.process_time() - cost
        self.due = time.monotonic() + max(LEAST_S, cost / SHARE)

    def _sample(self, now: float, apart: int) -> None:
        cpu_s, memory, read, written = totals(self._ticks, self._page, apart)
        seconds = max(now - self._seen, 1e-6)
        cores = max(0.0, cpu_s - self._cpu_s) / seconds
        self._cpu_s, self._seen = cpu_s, now
        self.peak_memory_bytes = max(self.peak_memory_bytes, memory)
        self.read_bytes, self.written_bytes = max(self.read_bytes, read), max(self.written_bytes, written)
        self._skipped += 1
        if self._skipped < self._stride:
            return
        self._skipped = 0
        texts = ["{:.1f}".format(now - self._began), "{:.2f}".format(cores), str(memory)]
        texts += [str(count) if count >= 0 else "" for count in (read, written)]
        self._keep(",".join(texts).encode() + b"\n")

    def _keep(self, line: bytes) -> None:
        self._lines.append(line)
        if self._is_broken:
            return
        try:
            if len(self._lines) == 1 or len(self._lines) >= LINES:
                if len(self._lines) >= LINES:
                    self._lines, self._stride = self._lines[1::2], self._stride * 2
                temporary = self.path + b".tmp"
                try:
                    os.unlink(temporary)
                except OSError:
                    pass
                self._write(temporary, HEADING + b"".join(self._lines), os.O_CREAT | os.O_EXCL)
                os.rename(temporary, self.path)
            else:
                self._write(self.path, line, os.O_APPEND)
        except OSError:
            self._is_broken = True

    def _write(self, path: bytes, data: bytes, more: int) -> None:
        # Not blocking: the script may have put a FIFO there.
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | more, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)

    def record(self) -> "dict[str, Any]":
        """Return the sums for the exit record; what could not be measured is left out."""
        found = {
            "peak_memory_bytes": self.peak_memory_bytes,
            "read_bytes": self.read_bytes,
            "written_bytes": self.written_bytes,
        }
        return {name: count for name, count in found.items() if count >= 0 and (count or name != "peak_memory_bytes")}


def totals(ticks: float, page: int, apart: int = 0) -> "tuple[float, int, int, int]":
    """Return seconds of processor, memory now, bytes read from and written to disks of all below this process.

    Ended children count through the parent that waited for them. Bytes are -1 where the system does not tell them.
    """
    own = os.getpid()
    cpu_s, memory, read, written = 0.0, 0, -1, -1
    for pid in family(own, apart):
        try:
            with open("/proc/{}/stat".format(pid), "rb") as stream:
                fields = stream.read().rpartition(b")")[2].split()
            spent = fields[13:15] if pid == own else fields[11:15]
            cpu_s += sum(map(int, spent)) / ticks
            if pid != own:
                memory += int(fields[21]) * page
            with open("/proc/{}/io".format(pid), "rb") as stream:
                counts = dict(line.split(b": ") for line in stream.read().splitlines())
            read = max(read, 0) + int(counts[b"read_bytes"])
            written = max(written, 0) + int(counts[b"write_bytes"])
        except (OSError, IndexError, ValueError, KeyError):
            continue
    return cpu_s, memory, read, written


def family(own: int, apart: int = 0) -> "list[int]":
    """Return a process and all that descends from it, but for a child that stands apart and what that started."""
    found, waiting = [own], [own]
    while waiting:
        pid = waiting.pop()
        for child in _children(pid):
            if child == apart:
                continue
            found.append(child)
            waiting.append(child)
    return found


def _children(pid: int) -> "list[int]":
    found: "list[int]" = []
    try:
        threads = os.listdir("/proc/{}/task".format(pid))
        for thread in threads:
            with open("/proc/{}/task/{}/children".format(pid, thread), "rb") as stream:
                found += map(int, stream.read().split())
    except OSError:
        # It has ended, or this kernel does not tell: then what there is is what is known.
        return found
    return found


def memory_kills(root: str = "") -> int:
    """Return how many processes the kernel has killed in this control group because its memory was used up.

    A container or a batch system's job is such a group. 0 where that is not told.
    """
    try:
        # A group may be called as a file may; what this Python takes text for depends on its age and the locale.
        with open(root + "/proc/self/cgroup", encoding="utf-8", errors="surrogateescape") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return 0
    for line in lines:
        number, kinds, path = line.split(":", 2)
        if "memory" in kinds.split(","):
            folder, name = root + "/sys/fs/cgroup/memory", "memory.oom_control"
        elif number == "0" and not kinds:
            folder, name = root + "/sys/fs/cgroup", "memory.events"
        else:
            continue
        # Within a container its own group is at the top, whatever it is called outside.
        for place in (folder + path, folder):
            try:
                with open(os.path.join(place, name).encode("utf-8", "surrogateescape")) as stream:
                    told = dict(line.split() for line in stream)
                return int(told["oom_kill"])
            except (OSError, ValueError, KeyError):
                continue
    return 0
