"""Metrics of runs as MLflow's clients ask for them: the point with the greatest step of each, and whole histories."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence

from desktop_aml.store.database import Database

Row = tuple[float, float, int]
"""Value, Unix time in seconds, step."""


def greatest(db: Database, run_ids: Sequence[str]) -> Iterator[tuple[str, str, Row]]:
    """Return run, name and the point with the greatest step, then time, then value, of each metric of some runs."""
    marks = ",".join("?" * len(run_ids))
    rows = db.all(
        "SELECT run_id, name, point.kind AS kind, value, at, step FROM metric JOIN point ON metric_id = id AND n = ("  # noqa: S608
        " SELECT n FROM point WHERE metric_id = metric.id AND kind IN ('n', 'nan', 'b', 'big')"
        " ORDER BY coalesce(step, 0) DESC, at DESC, value DESC LIMIT 1)"
        f" WHERE run_id IN ({marks}) AND metric.kind = 'scalar' ORDER BY id",
        run_ids,
    )
    return ((row["run_id"], row["name"], _row(row)) for row in rows)


def history(db: Database, run_id: str, name: str) -> list[Row]:
    """Return every point of a metric that is a number, in the order in which they were logged."""
    rows = db.all(
        "SELECT point.kind AS kind, value, at, step FROM point JOIN metric ON metric.id = metric_id"
        " WHERE run_id = ? AND name = ? AND metric.kind = 'scalar' AND point.kind IN ('n', 'nan', 'b', 'big')"
        " ORDER BY n",
        (run_id, name),
    )
    return [_row(row) for row in rows]


def _row(row: sqlite3.Row) -> Row:
    value = math.nan if row["kind"] == "nan" else float(str(row["value"]))
    return value, float(str(row["at"])), int(str(row["step"] or 0))
