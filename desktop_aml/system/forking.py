"""Going on in a process of one's own, which whoever started this one need not wait for.

It imports next to nothing: a fork is safe only before anything runs that could not be forked.
"""

import os
import sys

if sys.platform == "win32":
    from desktop_aml.system.missing import NotOnThisSystem

    def _fork() -> int:
        raise NotOnThisSystem("Starting a server in the background")
else:
    _fork = os.fork


def fork() -> int:
    """Return 0 in a new process that is a copy of this one, and the number of the new one in this one.

    Raises
    ------
    NotOnThisSystem
        Where processes cannot be copied.
    """
    return _fork()
