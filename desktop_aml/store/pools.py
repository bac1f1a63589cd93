"""Which runs may begin: by the compute target of Azure ML code they were submitted to, and by the run that waits."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_aml.domain.runs import SWEEP, RunState
from desktop_aml.store.database import Database

COMPUTE_TARGET = "desktop_aml.compute_target"
"""Property of a run: the compute target that Azure ML code submitted it to."""


def active_by_compute(db: Database) -> dict[str, int]:
    """Return how many runs hold a place, by compute target."""
    active = [state for state in RunState if state.is_active()]
    marks = ", ".join("?" * len(active))
    sql = (
        "SELECT value, count(*) AS n FROM run JOIN label ON run_id = id AND kind = 'property' AND key = ?"  # noqa: S608
        f" WHERE state IN ({marks}) AND target <> ? GROUP BY value"
    )
    # A sweep takes no place of its own: its trials do.
    return {row["value"]: row["n"] for row in db.all(sql, (COMPUTE_TARGET, *active, SWEEP))}


def is_followed(db: Database, run_id: str) -> bool:
    """Whether another run of the same environment is in sight: in the queue, being prepared, or to come of a sweep."""
    sql = (
        "SELECT 1 FROM run AS own WHERE own.id = ? AND (EXISTS (SELECT 1 FROM run AS sweep WHERE sweep.id = own.parent"
        " AND sweep.target = ?) OR EXISTS (SELECT 1 FROM run AS other WHERE other.state IN (?, ?) AND"
        " other.target = own.target AND other.environment = own.environment AND other.id <> own.id))"
    )
    return bool(db.all(sql, (run_id, SWEEP, RunState.QUEUED, RunState.PREPARING)))


def awaited_children(db: Database, targets: Sequence[str]) -> list[str]:
    """Return the oldest queued child of each run that is running and has no other child under way.

    Its parent holds a place and probably waits for it: without a place of its own it would wait for ever.

    Parameters
    ----------
    targets : sequence of str
        Where parent and child execute, for their place to count.
    """
    active = [state for state in RunState if state.is_active()]
    marks, states = ", ".join("?" * len(targets)), ", ".join("?" * len(active))
    sql = (
        "SELECT min(child.n) AS n, child.id AS id FROM run AS child JOIN run AS parent ON parent.id = child.parent"  # noqa: S608
        f" WHERE child.state = ? AND parent.state = ? AND child.target IN ({marks}) AND parent.target IN ({marks})"
        " AND NOT EXISTS (SELECT 1 FROM run AS other WHERE other.parent = child.parent"
        f" AND other.state IN ({states})) GROUP BY child.parent"
    )
    return [row["id"] for row in db.all(sql, (RunState.QUEUED, RunState.RUNNING, *targets, *targets, *active))]


def count_unfinished(db: Database, target: str) -> int:
    """Return how many runs for `target` are queued or under way."""
    open_states = [state for state in RunState if not state.is_terminal()]
    marks = ", ".join("?" * len(open_states))
    row = db.one(f"SELECT count(*) AS n FROM run WHERE target = ? AND state IN ({marks})", (target, *open_states))  # noqa: S608
    return int(row["n"]) if row else 0
