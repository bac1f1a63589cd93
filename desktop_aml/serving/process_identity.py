"""Who a process is: a pid alone is reused, a pid with its start time and the boot is not."""

from __future__ import annotations

from pathlib import Path

import psutil


def boot_id() -> str:
    """Return what tells one boot of the computer from the next."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(int(psutil.boot_time()))


def start_time(pid: int) -> int:
    """Return when a process started; 0 when it is gone. A zombie counts as gone.

    The unit is clock ticks since boot, or milliseconds where there is no ``/proc``.
    """
    try:
        # The command name may hold spaces and parentheses: count the fields after its end.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError):
        if Path("/proc/self/stat").exists():
            return 0
    try:
        return int(psutil.Process(pid).create_time() * 1000)
    except psutil.Error:
        return 0


def is_alive(pid: int, started: int, boot: str) -> bool:
    """Whether this very process is still running."""
    return pid > 0 and boot == boot_id() and start_time(pid) == started != 0
