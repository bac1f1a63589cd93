"""Folders of attempts that are missed, and claims that name nobody: for a moment, or for good."""

from __future__ import annotations

from typing import Final

from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.claims import Claim
from desktop_aml.system import clock

_GONE_S: Final = 1.0
"""How long the folder of an attempt must be missed to be gone, and its claim unreadable to name nobody."""


class Absences:
    """Since when the folders of attempts are missed. Safe for one thread at a time."""

    def __init__(self) -> None:
        self._since: dict[Handle, float] = {}
        self._unreadable: dict[Handle, float] = {}

    def lasts(self, attempt: Handle, seen: Claim | None) -> bool | None:
        """Whether the folder of an attempt is gone for good; None while that cannot be told yet.

        A script can move it away and put something else there at any time later, and at the end its supervisor lays
        out another one: as long as that lives, only the end of the run's own folder is the end of all.

        Parameters
        ----------
        seen : Claim or None
            What the folder said of its supervisor before, if anybody looked.
        """
        if attempt.files().is_there():
            self._since.pop(attempt, None)
            return False
        if not attempt.run_directory.is_dir():
            return True
        if seen is not None and not seen.machine and seen.owner is not None and seen.owner.is_alive():
            self._since.pop(attempt, None)
            return None
        since = self._since.setdefault(attempt, clock.monotonic())
        return True if clock.monotonic() - since > _GONE_S else None

    def holds(self, attempt: Handle, claim: Claim) -> bool:
        """Whether what a claim says of its owner is its last word.

        One that cannot be read may have been met between a script that put a link in the place of its folder and the
        supervisor that lays out another one at the end.
        """
        if claim.owner is not None or claim.is_void:
            self._unreadable.pop(attempt, None)
            return True
        return clock.monotonic() - self._unreadable.setdefault(attempt, clock.monotonic()) > _GONE_S

    def forget(self, attempt: Handle) -> None:
        """Let go of an attempt that is over."""
        self._since.pop(attempt, None)
        self._unreadable.pop(attempt, None)
