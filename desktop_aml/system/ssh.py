"""How the user's own ``ssh`` is called by this program.

So the keys, the agent, the known hosts and ``~/.ssh/config`` are what they are on the command line. It never asks for
anything: a question would wait for an answer that nobody can give.
"""

from __future__ import annotations

import shutil
from typing import Final

QUIET: Final = (
    *("-o", "BatchMode=yes"),
    *("-o", "ConnectTimeout=10"),
    # A connection of the user's own that is shared would outlive this one, and would know nothing of its tunnels.
    *("-o", "ControlMaster=no"),
    *("-o", "ControlPath=none"),
)
"""Options of every call."""


def program() -> str:
    """Return the program's path, or its bare name where there is none."""
    return shutil.which("ssh") or "ssh"
