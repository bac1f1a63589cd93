"""Histories of metrics as MLflow's clients ask for them."""

from __future__ import annotations

import math
import sqlite3

from desktop_aml.store.database import Database

Row = tuple[float, float, int]
"""Value, Unix time in seconds, step."""


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
