"""Runs that have ended while no engine looked: the database still says that they go on."""

from __future__ import annotations

from desktop_aml.domain.runs import RunState
from desktop_aml.store import runs
from desktop_aml.store.database import Database

_UNDER_WAY = (RunState.RUNNING, RunState.CANCEL_REQUESTED)


def exist(db: Database) -> bool:
    """Whether there is a run under way whose attempt is over. Quick: one or two small files are read for each."""
    return any(_is_over(runs.attempt_of(db, run_id)[0]) for run_id, _ in runs.in_states(db, _UNDER_WAY))


def _is_over(handle: str) -> bool:
    if not handle:
        return False
    # Imported here: every command asks whether there is a run under way, and mostly there is none.
    from desktop_aml.executors import external
    from desktop_aml.executors.attempt_files import Handle

    if handle.startswith(external.PREFIX):
        return external.is_over(handle)
    try:
        parsed = Handle.parse(handle)
    except ValueError:
        # What nobody can look at is the engine's to end; reading goes on.
        return False
    files = parsed.files()
    if files.outcome() is not None:
        return True
    claim = files.claim()
    # What is in a container has other numbers, and its engine would have to be asked.
    return (
        parsed.executor in {"local", "dask"}
        and claim is not None
        and claim.owner is not None
        and not claim.owner.is_alive()
    )
