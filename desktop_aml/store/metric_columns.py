"""Curves out of the database as arrays, and the few points that show how one runs.

Imports numpy: what is loaded before the window's first paint must not import this one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desktop_aml.domain.metrics import CurveColumns, CurveSize, Outline, Point, number_of
from desktop_aml.store.attached import origins
from desktop_aml.store.database import Database
from desktop_aml.store.points import arrays


def sizes(db: Database, run_id: str) -> tuple[CurveSize, ...]:
    """Return the curves of a run with the number of their points, in the order they were first logged."""
    rows = db.all("SELECT name, count FROM metric WHERE run_id = ? AND kind = 'scalar' ORDER BY id", (run_id,))
    return tuple(CurveSize(row[0], row[1]) for row in rows)


def _of_points(name: str, start: int, points: Sequence[Point]) -> CurveColumns:
    steps = np.array([point.index if point.step is None else point.step for point in points], dtype="f8")
    values = np.array([number_of(point.value) for point in points], dtype="f8")
    at = np.array([point.at for point in points], dtype="f8")
    return CurveColumns(name, start, steps, at, values, {}, any(point.step is not None for point in points))


def read(db: Database, run_id: str, name: str, start: int = 0) -> CurveColumns:
    """Return the points of a curve from the index `start` on; no points when there is no such curve.

    Raises
    ------
    StorageError
        When the run is attached, and its source is gone or damaged.
    """
    origin = origins.origin_of(db, run_id)
    if origin is not None:
        from desktop_aml.store.attached import reading as attached

        return _of_points(name, start, attached.points(origin, name)[start:])
    with db.reading():
        metric_id, count = _metric(db, run_id, name)
        points = arrays.read(db, metric_id, start, count)
    return CurveColumns(name, start, points.steps, points.times, points.values, points.exact, points.has_steps)


def outline(db: Database, run_id: str, name: str, max_buckets: int) -> Outline:
    """Return the points that show how a curve runs, at most 3 for each of `max_buckets` and one more.

    A long curve is not read for it: what is wanted lies beside its points.

    Raises
    ------
    StorageError
        When the run is attached, and its source is gone or damaged.
    """
    if origins.origin_of(db, run_id) is None:
        with db.reading():
            metric_id, count = _metric(db, run_id, name)
            if (found := arrays.outline(db, metric_id, count, max_buckets)) is not None:
                return found
    return arrays.outline_of(read(db, run_id, name), max_buckets)


def _metric(db: Database, run_id: str, name: str) -> tuple[int, int]:
    found = db.one("SELECT id, count FROM metric WHERE run_id = ? AND name = ? AND kind = 'scalar'", (run_id, name))
    return (-1, 0) if found is None else (found["id"], found["count"])
