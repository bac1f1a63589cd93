"""What the modules of the operating systems know of a process that is to be held."""

from __future__ import annotations

from typing import Protocol


class Identified(Protocol):
    """One process, as `processes.ProcessIdentity` tells it from all others."""

    @property
    def pid(self) -> int:
        """Its id."""

    @property
    def start_time(self) -> int:
        """When it started."""

    def is_alive(self) -> bool:
        """Whether this very process runs."""
