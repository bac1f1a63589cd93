"""Have an interpreter of a run tell on a signal where each of its threads is, also while it hangs in somebody's C code.

What it tells goes into memory that only whoever may look at this process can read, by ``/proc``: nothing is on the
disk, and nothing in the log. Loaded before every script. Linux, Python 3.8 and newer; elsewhere it does
nothing. The signal and the name of that memory are known in ``system/linux/processes.py``, too.
"""

import os
import sys

NAME = "desktop-aml-stacks"
SIGNAL = 61
"""One of the real-time signals, which Linux and common libraries leave alone; below its highest one, 64."""


_PLACE = 1000
_held = -1


def install() -> None:
    """Listen; what goes wrong here must never disturb the script."""
    memory = getattr(os, "memfd_create", None)
    if memory is not None and sys.platform != "win32":
        import faulthandler

        global _held
        try:
            _held = _out_of_the_way(memory(NAME))
            faulthandler.register(SIGNAL, file=_held, all_threads=True)
        except (OSError, RuntimeError, ValueError):
            return


def _out_of_the_way(descriptor: int) -> int:
    """Return it under a number that no script counts on: the first that it opens is 3, as without us."""
    try:
        os.fstat(_PLACE)
        if _held != _PLACE:
            return descriptor
    except OSError:
        pass  # nobody has this number
    try:
        # In a warm start this takes the place of what the interpreter had that it was forked from.
        os.dup2(descriptor, _PLACE, inheritable=False)
    except OSError:
        return descriptor  # beyond what may be open here
    os.close(descriptor)
    return _PLACE
