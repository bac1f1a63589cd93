"""Have an interpreter of a run tell on a signal where each of its threads is, also while it hangs in somebody's C code.

What it tells goes into memory that only whoever may look at this process can read, by ``/proc``: nothing is on the
disk, and nothing in the log. Loaded before every script. Linux, Python 3.8 and newer; elsewhere it does
nothing. The signal and the name of that memory are known in ``system/linux_processes.py``, too.
"""

import os
import sys

NAME = "desktop-aml-stacks"
SIGNAL = 61
"""One of the real-time signals, which Linux and common libraries leave alone; below its highest one, 64."""


def install() -> None:
    """Listen; what goes wrong here must never disturb the script."""
    memory = getattr(os, "memfd_create", None)
    if memory is not None and sys.platform != "win32":
        import faulthandler

        try:
            faulthandler.register(SIGNAL, file=memory(NAME), all_threads=True)
        except (OSError, RuntimeError, ValueError):
            return
