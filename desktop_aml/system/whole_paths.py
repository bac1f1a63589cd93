"""The one path of a file or folder that a person named: whole, without dots, and with the home folder for a tilde.

What is kept of a path is kept so, and what is compared is compared so: two spellings of one place are one place.
"""

from __future__ import annotations

import os
from pathlib import Path


def with_home(path: Path | str) -> Path:
    """Return a path with the home folder for a leading tilde; one of a user who is not known stays as it is."""
    # `Path.expanduser` raises there, and a person who types “~/data” is at “~d” for a moment.
    return Path(os.path.expanduser(path))  # noqa: PTH111


def whole_path(path: Path | str) -> Path:
    """Return the absolute path that a path means from the current folder, without ``..``.

    Links stay as they are named, but for those before a ``..``: what lies above a link is decided by where it leads.
    """
    whole = with_home(path).absolute()
    parts = whole.parts
    if ".." not in parts:
        return whole
    after = len(parts) - parts[::-1].index("..")
    return Path(os.path.realpath(Path(*parts[:after])), *parts[after:])


def real_path(path: Path | str) -> Path:
    """Return the absolute path of what a path leads to, through all links; that of a place which is not there, too."""
    try:
        return Path(os.path.realpath(with_home(path)))
    except ValueError:
        # A NUL, which no path can hold: nothing lies there, as whoever opens it says.
        return Path(path).absolute()
