"""Runs that ended and that a client goes on with: shown as running for as long as that client lives.

Kept in memory alone. A client that was killed, or a server that takes another's place, leaves them ended, as they are.
"""

from __future__ import annotations

from desktop_aml.domain.runs import EXTERNAL
from desktop_aml.system.processes import ProcessIdentity, identity_of
from desktop_aml.workspace.tracking.values import LIVE_STATUSES, TrackedRun


class ResumedRuns:
    """Which process resumed which run."""

    def __init__(self) -> None:
        self._by: dict[str, ProcessIdentity] = {}

    def note(self, run: TrackedRun, status: str, pid: int) -> None:
        """Note what the process `pid` says of a run; 0 is one that is not known."""
        if status in LIVE_STATUSES:
            identity = identity_of(pid) if pid and run.state.is_terminal() and run.target == EXTERNAL else None
            if identity is not None:
                self._by[run.run_id] = identity
        elif status:
            self._by.pop(run.run_id, None)

    def shown(self, run: TrackedRun) -> TrackedRun:
        """Return a run with whether it goes on."""
        by = self._by.get(run.run_id)
        if by is not None and not by.is_alive():
            del self._by[run.run_id]
            by = None
        run.is_resumed = by is not None
        return run
