"""Points in the tables: added, packed when a block is full, and read back one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.store.database import Database
from desktop_aml.store.points import block_rows
from desktop_aml.store.points.packed import SIZE, Block, unpacked
from desktop_aml.store.summaries.scalars import INT64, loaded, stored

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import Point, Scalar

_INSERT: Final = "INSERT INTO point (metric_id, n, step, at, kind, value) VALUES (?, ?, ?, ?, ?, ?)"


def add(db: Database, metric_id: int, points: Sequence[Point]) -> None:
    """Add the next points of a metric, each with its index. Call inside a transaction."""
    first = points[0].index
    done = 0
    for start in range(first - first % SIZE, first + len(points) - SIZE + 1, SIZE):
        new = points[done : start + SIZE - first]
        before = [] if start >= first else _rows_before(db, metric_id, start, first)
        # Rows that are missing are no reason to lose others: what cannot be packed stays as it is.
        block = None if len(before) + len(new) != SIZE else block_rows.block_of([*before, *map(_logged, new)])
        if block is None:
            db.run_many(_INSERT, [_row(metric_id, point) for point in new])
        else:
            db.run(block_rows.INSERT_BLOCK, (metric_id, start, *block_rows.columns(block)))
            if before:
                db.run(block_rows.DELETE, (metric_id, start, start + SIZE))
        done += len(new)
    if done < len(points):
        db.run_many(_INSERT, [_row(metric_id, point) for point in points[done:]])


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


def _rows_before(db: Database, metric_id: int, start: int, end: int) -> list[block_rows.Logged]:
    return [(row[0], row[1], loaded(row[2], row[3])) for row in db.tuples(block_rows.BEFORE, (metric_id, start, end))]


def _logged(point: Point) -> block_rows.Logged:
    return clip(point.step), point.at, point.value


def _row(metric_id: int, point: Point) -> tuple[Any, ...]:
    return metric_id, point.index, clip(point.step), point.at, *stored(point.value)


def clip(step: int | None) -> int | None:
    """Return a step within the 64 bits of its column."""
    return None if step is None else max(-INT64, min(INT64 - 1, step))
