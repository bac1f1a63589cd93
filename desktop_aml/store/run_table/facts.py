"""Single facts of a run, for which the engine asks at many steps of its way: all of its record takes far longer."""

from __future__ import annotations

from desktop_aml.domain.errors import NotFound
from desktop_aml.store.database import Database


def target(db: Database, run_id: str) -> str:
    """Return where a run executes.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    return str(_fact(db, "target", run_id))


def attempt(db: Database, run_id: str) -> int:
    """Return how often a run was begun, this time included.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    return int(str(_fact(db, "attempt", run_id)))


def error(db: Database, run_id: str) -> str:
    """Return why a run failed, or is to end as one that failed; empty where there is no such reason.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    return str(_fact(db, "error", run_id))


def parent(db: Database, run_id: str) -> str:
    """Return the run that a run is a child of; empty where it is none.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    return str(_fact(db, "parent", run_id))


def _fact(db: Database, column: str, run_id: str) -> object:
    row = db.one(f"SELECT {column} FROM run WHERE id = ?", (run_id,))  # noqa: S608  a column of ours
    if row is None:
        raise NotFound(f"There is no run “{run_id}” in this workspace.", "List them with: desktop-aml run list")
    return row[0]
