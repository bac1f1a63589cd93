"""Runs by the compute target of Azure ML code that they were submitted to."""

from __future__ import annotations

from desktop_aml.domain.runs import RunState
from desktop_aml.store.database import Database

COMPUTE_TARGET = "desktop_aml.compute_target"
"""Property of a run: the compute target that Azure ML code submitted it to."""


def active_by_compute(db: Database) -> dict[str, int]:
    """Return how many runs hold a place, by compute target."""
    active = [state for state in RunState if state.is_active()]
    marks = ", ".join("?" * len(active))
    sql = (
        "SELECT value, count(*) AS n FROM run JOIN label ON run_id = id AND kind = 'property' AND key = ?"  # noqa: S608
        f" WHERE state IN ({marks}) GROUP BY value"
    )
    return {row["value"]: row["n"] for row in db.all(sql, (COMPUTE_TARGET, *active))}
