"""Which computer this is, for what is made on a Docker engine that others use, too."""

from __future__ import annotations

import hashlib
import os
import pwd
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

LABEL: Final = "desktop-aml.computer"
"""Label of what belongs to one user of one computer."""

_MACHINE: Final = Path("/etc/machine-id")


@cache
def this_user() -> str:
    """Return the name of this user, or a name of the same kind for one that has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user{os.getuid()}"


@cache
def this_computer() -> str:
    """Return a mark of this user on this computer, which tells nobody who that is."""
    machine = ""
    with suppress(OSError):
        machine = _MACHINE.read_text().strip()
    return hashlib.sha256(f"{machine} {socket.gethostname()} {os.getuid()}".encode()).hexdigest()[:24]
