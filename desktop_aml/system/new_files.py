"""New private files under names that nobody knows: what becomes another file is written there first."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    from desktop_aml.system.windows import files as own
else:
    from desktop_aml.system.posix import files as own

PRIVATE = 0o600
"""Permissions of files that only their owner reads."""

NEW = os.O_CREAT | os.O_EXCL | own.NO_LINKS | own.CAREFUL
"""Flags to make a file that nobody has made before."""


def new_in(folder: Path, start: str, end: str = "", *, reads: bool = False) -> tuple[int, str]:
    """Make a new private file by a name that nobody knows; return its descriptor and its path. No child inherits it.

    Parameters
    ----------
    start, end : str
        What its name begins and ends with.
    reads : bool
        Whether the descriptor is to read, too.

    Raises
    ------
    OSError
        When it cannot be made.
    """
    flags = (os.O_RDWR if reads else os.O_WRONLY) | NEW
    before = os.path.join(folder, start)  # noqa: PTH118 - pathlib takes as long as the kernel, and several are made for each run
    while True:
        name = f"{before}{os.urandom(5).hex()}{end}"
        with contextlib.suppress(FileExistsError):
            return os.open(name, flags, PRIVATE), name
