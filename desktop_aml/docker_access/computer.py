"""Which computer this is, for what is made on a Docker engine that others use, too."""

from __future__ import annotations

import hashlib
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from desktop_aml.system.users import user_id

LABEL: Final = "desktop-aml.computer"
"""Label of what belongs to one user of one computer."""

_MACHINE: Final = Path("/etc/machine-id")


@cache
def this_computer() -> str:
    """Return a mark of this user on this computer, which tells nobody who that is."""
    machine = ""
    with suppress(OSError):
        machine = _MACHINE.read_text().strip()
    return hashlib.sha256(f"{machine} {socket.gethostname()} {user_id()}".encode()).hexdigest()[:24]
