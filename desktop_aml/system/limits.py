"""What this process may take of the computer, given up by itself before it reads what may be damaged or hostile."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from desktop_aml.system.windows import limits as own
else:
    from desktop_aml.system.posix import limits as own


def limit_memory(size_bytes: int) -> None:
    """Let this process have no more address space than this: what wants more gets a MemoryError.

    Raises
    ------
    NotOnThisSystem
        Where a process cannot give that up.
    """
    own.limit_memory(size_bytes)


def limit_processor_time(seconds: int) -> None:
    """Have this process ended once it has computed for so long; raises as `limit_memory`."""
    own.limit_processor_time(seconds)
