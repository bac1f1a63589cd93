"""Points of a curve as arrays, a hundred times as quick as one by one, and the few of them that show how it runs.

Imports numpy: what is loaded before the window's first paint must not import this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from desktop_aml.domain.metrics import CurveColumns, Outline, Scalar, number_of
from desktop_aml.domain.summaries.extremes import (
    NO_GAP,
    Floats,
    Indices,
    bucket_size,
    each_once,
    extremes,
    in_drawing_order,
    united,
)
from desktop_aml.store.database import Database
from desktop_aml.store.points import table
from desktop_aml.store.points.packed import EXTREME, NONE, SIZE, STRETCH
from desktop_aml.store.summaries.scalars import loaded

_ROW: Final = np.dtype([("n", "i8"), ("step", "f8"), ("at", "f8"), ("value", "f8")])
_EXTREME: Final = np.dtype([("places", "<u2", 4), ("values", "<f8", 2), ("times", "<f8", 3)])
_ROWS: Final = (
    "SELECT n, coalesce(step, n), at, iif(kind = 'n', value, 0.0) FROM point WHERE metric_id = ? AND n >= ? ORDER BY n"
)
_OTHERS: Final = (
    "SELECT n, kind, value FROM point WHERE metric_id = ? AND n >= ? AND (kind <> 'n' OR typeof(value) = 'integer')"
)
_EXTREMES: Final = (
    "SELECT first, step, stride, extremes, extreme_steps FROM point_block WHERE metric_id = ? ORDER BY first"
)
_WITH_STEP: Final = "SELECT 1 FROM point WHERE metric_id = ? AND n >= ? AND step IS NOT NULL LIMIT 1"
assert EXTREME.size == _EXTREME.itemsize


@dataclass(slots=True)
class Arrays:
    """Points in the order of their indexes; see `domain.metrics.CurveColumns`."""

    steps: Floats
    times: Floats
    values: Floats
    exact: dict[int, Scalar]
    has_steps: bool


def read(db: Database, metric_id: int, start: int, count: int) -> Arrays:
    """Return the points from the index `start` to `count`. Call within `Database.reading`."""
    size = max(0, count - start)
    found = Arrays(np.empty(size), np.empty(size), np.empty(size), {}, False)
    for first, block in table.blocks(db, metric_id, start):
        skipped = max(0, start - first)
        here = slice(first + skipped - start, first + SIZE - start)
        found.times[here] = np.frombuffer(block.times, "<f8")[skipped:]
        found.values[here] = np.frombuffer(block.numbers, "<f8")[skipped:]
        found.has_steps = found.has_steps or block.steps is not None or block.step is not None
        if block.steps is not None:
            found.steps[here] = np.frombuffer(block.steps, "<i8")[skipped:]
        else:
            step, stride = (first, 1) if block.step is None else (block.step, block.stride or 0)
            # In whole numbers of 64 bits, as they were logged: floats would round on the way.
            found.steps[here] = step + stride * np.arange(skipped, SIZE, dtype=np.int64)
        if block.whole:
            places = np.frombuffer(block.whole, "<u2")
            places = places[places >= skipped].astype(np.int64) + first
            whole = found.values[places - start].astype(np.int64)
            found.exact.update(zip(places.tolist(), whole.tolist(), strict=True))
    _add_rows(db, metric_id, start, found)
    return found


def _add_rows(db: Database, metric_id: int, start: int, found: Arrays) -> None:
    rows = np.fromiter(db.tuples(_ROWS, (metric_id, start)), dtype=_ROW)
    at = rows["n"] - start
    found.steps[at], found.times[at], found.values[at] = rows["step"], rows["at"], rows["value"]
    for index, kind, stored in db.tuples(_OTHERS, (metric_id, start)):
        value = loaded(kind, stored)
        found.values[index - start] = number_of(value)
        if not isinstance(value, float):
            found.exact[index] = value
    found.has_steps = found.has_steps or db.one(_WITH_STEP, (metric_id, start)) is not None


@dataclass(frozen=True, slots=True)
class _Stretches:
    """The least, the greatest and the first undrawable point of each stretch of a curve, in its three columns."""

    places: Indices
    steps: Floats
    times: Floats
    values: Floats

    def __add__(self, other: _Stretches) -> _Stretches:
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return _Stretches(*(np.concatenate(pair) for pair in pairs))


def outline(db: Database, metric_id: int, count: int, max_buckets: int) -> Outline | None:
    """Return what shows how a curve runs, of its blocks' extremes alone; None where points have to be read.

    Call within `Database.reading`.
    """
    size = bucket_size(count, max_buckets)
    if count <= 2 * max_buckets or size % STRETCH:
        return None
    stretches = _of_blocks(db, metric_id, count)
    if stretches is None:
        return None
    rest = read(db, metric_id, count - count % SIZE, count)
    if len(rest.values):
        stretches += _of_points(rest, count - count % SIZE)
    rows = united(stretches.places, stretches.values, size // STRETCH)
    columns = np.arange(3)
    places = stretches.places[rows, columns]
    drawn = in_drawing_order(places)
    # Which of the three each of the drawn ones is: the places of two that are one are the same in all columns.
    which = np.stack(
        [
            np.where(drawn[:, 0] == places[:, 0], 0, 1),
            np.where(drawn[:, 1] == places[:, 1], 1, 0),
            np.full(len(drawn), 2),
        ],
        axis=1,
    )
    kept = np.ones(drawn.shape, dtype=bool)
    kept[:, 2] = drawn[:, 2] < 0
    row, column = np.take_along_axis(rows, which, axis=1)[kept], which[kept]
    values = np.where(column == 2, np.nan, stretches.values[row, np.minimum(column, 1)])
    last = read(db, metric_id, count - 1, count)
    return Outline(
        np.append(stretches.places[row, column], count - 1),
        np.append(stretches.steps[row, column], last.steps),
        np.append(stretches.times[row, column], last.times),
        np.append(values, np.where(np.isfinite(last.values), last.values, np.nan)),
        count,
    )


def outline_of(points: Arrays | CurveColumns, max_buckets: int) -> Outline:
    """Return what shows how a curve runs, of all its points."""
    count = len(points.values)
    values = np.where(np.isfinite(points.values), points.values, np.nan)
    if count <= 2 * max_buckets:
        return Outline(np.arange(count), points.steps, points.times, values, count)
    drawn = each_once(in_drawing_order(extremes(values, bucket_size(count, max_buckets))))
    drawn = np.append(drawn, count - 1)
    places = np.where(drawn < 0, -drawn - 1, drawn)
    return Outline(places, points.steps[places], points.times[places], values[places], count)


def _of_points(points: Arrays, first: int) -> _Stretches:
    values = np.where(np.isfinite(points.values), points.values, np.nan)
    places = extremes(values, STRETCH)
    steps, times = points.steps[places], points.times[places]
    return _Stretches(np.where(places == NO_GAP, NO_GAP, places + first), steps, times, values[places[:, :2]])


def _of_blocks(db: Database, metric_id: int, count: int) -> _Stretches | None:
    rows = list(db.tuples(_EXTREMES, (metric_id,)))
    if len(rows) != count // SIZE:
        return None
    found = np.frombuffer(b"".join(row[3] for row in rows), _EXTREME).reshape(len(rows), -1)
    in_stretch = found["places"][:, :, :3].astype(np.int64)
    in_block = in_stretch + np.arange(0, SIZE, STRETCH).reshape(1, -1, 1)
    places = in_block + np.array([row[0] for row in rows], dtype=np.int64).reshape(-1, 1, 1)
    counted = np.array([(row[1] or 0, row[2] or 0) for row in rows], dtype=np.int64)
    regular = counted[:, :1, None] + counted[:, 1:, None] * in_block
    is_regular = np.array([row[1] is not None for row in rows]).reshape(-1, 1, 1)
    steps = np.where(is_regular, regular, places).astype(np.float64)
    for number, row in enumerate(rows):
        if row[4] is not None:
            steps[number] = np.frombuffer(row[4], "<i8").reshape(-1, 3)
    places[in_stretch == NONE] = NO_GAP
    values = np.where(np.isfinite(found["values"]), found["values"], np.nan)
    flat = (-1, 3)
    return _Stretches(places.reshape(flat), steps.reshape(flat), found["times"].reshape(flat), values.reshape(-1, 2))
