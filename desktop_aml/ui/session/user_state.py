"""What a person left half done in a workspace: a JSON file for each workspace, in the user's state folder.

It does not lie in the workspace: nobody else is to find it. Losing it costs habit, or what was typed last.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from desktop_aml.settings import user_directories

T = TypeVar("T")

_log = logging.getLogger(__name__)


class UserState(Generic[T]):
    """One file. It is read whenever it is asked for, as other windows and programs write it, too.

    Parameters
    ----------
    room : str
        The folder of such files below the user's state folder.
    workspace : Path
        The workspace that it concerns.
    nothing : object
        What is there before anything is kept; what is read must be of its kind.
    kind : type
        That kind, for the reading.
    """

    def __init__(self, room: str, workspace: Path, nothing: T, kind: type[T]) -> None:
        key = hashlib.sha256(str(workspace).encode()).hexdigest()[:16]
        self._file = user_directories().state / room / f"{key}.json"
        self._nothing = nothing
        self._kind = kind

    def read(self) -> T:
        """Return what is kept; what cannot be read is as good as absent."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return self._nothing
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("What was kept in %s cannot be read: %s", self._file, error)
            return self._nothing

    def write(self, kept: T) -> None:
        """Keep something else; a full disk is only noted."""
        try:
            if kept == self._nothing:
                self._file.unlink(missing_ok=True)
                return
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Replaced whole, but not forced to the disk at each letter: it shall outlive the program, not the power.
            fresh = self._file.with_suffix(f".{os.getpid()}.new")
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self._file)
        except OSError as error:
            _log.warning("Nothing can be kept in %s: %s", self._file, error)
