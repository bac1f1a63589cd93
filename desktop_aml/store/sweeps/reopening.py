"""Opening a sweep again that has ended: what its end left in the record of its run goes."""

from __future__ import annotations

from desktop_aml.domain.runs import RunEvent, StateChange
from desktop_aml.store import runs
from desktop_aml.store.database import Database


def reopen(db: Database, run_id: str, *, at: float, note: str) -> StateChange:
    """Queue a sweep that has ended; it is taken up like a new one. Call inside a transaction.

    Raises
    ------
    InvalidTransition
        When it has not ended.
    """
    change = runs.move(db, run_id, RunEvent.REOPENED, at=at, note=note)
    # Attempts count what was lost before it began, which the earlier times have nothing to do with.
    db.run("UPDATE run SET attempt = 0, ended_at = NULL, duration = NULL, error = '' WHERE id = ?", (run_id,))
    db.run("UPDATE run_detail SET outcome = NULL, hint = '', error_details = '' WHERE run_id = ?", (run_id,))
    return change
