"""Histories of metrics as MLflow's clients ask for them."""

from __future__ import annotations

from typing import Final

from desktop_aml.domain.metrics import number_of
from desktop_aml.store.database import Database
from desktop_aml.store.points import table

Row = tuple[float, float, int]
"""Value, Unix time in seconds, step."""

_NUMBERS: Final = (bool, int, float)


def history(db: Database, run_id: str, name: str) -> list[Row]:
    """Return every point of a metric that is a number, in the order in which they were logged."""
    found = db.one("SELECT id FROM metric WHERE run_id = ? AND name = ? AND kind = 'scalar'", (run_id, name))
    if found is None:
        return []
    with db.reading():
        points = list(table.read(db, found["id"]))
    return [(number_of(value), at, step or 0) for _, step, at, value in points if isinstance(value, _NUMBERS)]
