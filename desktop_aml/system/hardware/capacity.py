"""What this computer has for runs."""

from __future__ import annotations

import os
import sys


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Return how much memory this computer has."""
    if sys.platform == "win32":
        import psutil

        found = psutil.virtual_memory().total
    else:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return found
