"""Points in the tables: added, packed when a block is full, and read back one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from desktop_aml.store.database import Database
from desktop_aml.store.points import block_rows
from desktop_aml.store.points.packed import SIZE, Block, packed, unpacked
from desktop_aml.store.summaries.scalars import INT64, loaded, stored

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import PointColumns, Scalar

_INSERT: Final = "INSERT INTO point (metric_id, n, step, at, kind, value) VALUES (?, ?, ?, ?, ?, ?)"


class _Columns(NamedTuple):
    steps: Sequence[int | None]
    times: Sequence[float]
    values: Sequence[Scalar]


_NOTHING: Final = _Columns((), (), ())


def add(db: Database, metric_id: int, points: PointColumns) -> None:
    """Add the next points of a metric. Call inside a transaction."""
    first = points.first
    done = 0
    for start in range(first - first % SIZE, first + len(points) - SIZE + 1, SIZE):
        new = points[done : start + SIZE - first]
        before = _NOTHING if start >= first else _rows_before(db, metric_id, start, first)
        # Rows that are missing are no reason to lose others: what cannot be packed stays as it is.
        block = None if len(before.values) + len(new) != SIZE else _block(before, new)
        if block is None:
            db.run_many(_INSERT, _rows(metric_id, new))
        else:
            db.run(block_rows.INSERT_BLOCK, (metric_id, start, *block_rows.columns(block)))
            if before.values:
                db.run(block_rows.DELETE, (metric_id, start, start + SIZE))
        done += len(new)
    if done < len(points):
        db.run_many(_INSERT, _rows(metric_id, points[done:]))


def read(db: Database, metric_id: int, start: int = 0) -> Iterator[tuple[int, int | None, float, Scalar]]:
    """Yield index, step, Unix time in seconds and value of the points of a metric, from the index `start` on.

    Call, and read to the end, within `Database.reading` or a transaction: what is a row now may be packed next.
    """
    rows = db.tuples(
        "SELECT n, step, at, kind, value FROM point WHERE metric_id = ? AND n >= ? ORDER BY n", (metric_id, start)
    )
    row = next(rows, None)
    for first, block in blocks(db, metric_id, start):
        while row is not None and row[0] < first:
            yield row[0], row[1], row[2], loaded(row[3], row[4])
            row = next(rows, None)
        from_here = max(start, first)
        for n, (step, at, value) in enumerate(unpacked(block, from_here - first), from_here):
            yield n, step, at, value
    while row is not None:
        yield row[0], row[1], row[2], loaded(row[3], row[4])
        row = next(rows, None)


def blocks(db: Database, metric_id: int, start: int = 0) -> Iterator[tuple[int, Block]]:
    """Yield the blocks of a metric that hold points from the index `start` on, each with the index of its first."""
    rows = db.tuples(
        f"SELECT first, {block_rows.COLUMNS} FROM point_block WHERE metric_id = ? AND first > ? ORDER BY first",  # noqa: S608
        (metric_id, start - SIZE),
    )
    return ((row[0], Block(*row[1:])) for row in rows)


def _rows_before(db: Database, metric_id: int, start: int, end: int) -> _Columns:
    rows = list(db.tuples(block_rows.BEFORE, (metric_id, start, end)))
    steps, times, kinds, values = zip(*rows, strict=True) if rows else ((), (), (), ())
    return _Columns(steps, times, values if set(kinds) == {"n"} else tuple(map(loaded, kinds, values)))


def _block(before: _Columns, new: PointColumns) -> Block | None:
    steps, times, values = _clipped(new.steps), new.times, new.values
    if before.values:
        steps, times, values = [*before.steps, *steps], [*before.times, *times], [*before.values, *values]
    return packed(steps, times, values)


def _rows(metric_id: int, points: PointColumns) -> Iterator[tuple[Any, ...]]:
    kinds: Iterable[str] = repeat("n")
    values: Iterable[object] = points.values
    if set(map(type, points.values)) != {float} or math.isnan(sum(points.values)):  # type: ignore[arg-type]
        kinds, values = zip(*map(stored, points.values), strict=True)
    indexes = range(points.first, points.first + len(points))
    # Not strict: what repeats has no end.
    return zip(repeat(metric_id), indexes, _clipped(points.steps), points.times, kinds, values)


def _clipped(steps: Sequence[int | None]) -> Sequence[int | None]:
    return steps if steps.count(None) == len(steps) else [clip(step) for step in steps]


def clip(step: int | None) -> int | None:
    """Return a step within the 64 bits of its column."""
    return None if step is None else max(-INT64, min(INT64 - 1, step))
