"""Blocks as rows of their table, and rows of points that become one. Knows no `Database`: migrations use it, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.store.points.packed import SIZE, Block, packed
from desktop_aml.store.summaries.scalars import loaded

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import Scalar

_NAMES: Final = tuple(field.name for field in fields(Block))
COLUMNS: Final = ", ".join(_NAMES)
"""The columns of a block, in the order of `Block`."""

INSERT_BLOCK: Final = f"INSERT INTO point_block (metric_id, first, {COLUMNS}) VALUES (?, ?{', ?' * 8})"  # noqa: S608  names of columns
DELETE: Final = "DELETE FROM point WHERE metric_id = ? AND n >= ? AND n < ?"
BEFORE: Final = "SELECT step, at, kind, value FROM point WHERE metric_id = ? AND n >= ? AND n < ? ORDER BY n"
Logged = tuple["int | None", float, "Scalar"]
"""Step, Unix time in seconds, value."""


def pack_rows(execute: Callable[..., Any], metric_id: int, count: int) -> None:
    """Pack the rows of a metric, which has `count` points, as far as they can be.

    Parameters
    ----------
    execute : callable
        Takes a statement and its values, and returns a cursor.
    """
    for start in range(0, count - SIZE + 1, SIZE):
        rows = execute(BEFORE, (metric_id, start, start + SIZE)).fetchall()
        block = block_of([(row[0], row[1], loaded(row[2], row[3])) for row in rows]) if len(rows) == SIZE else None
        if block is not None:
            execute(INSERT_BLOCK, (metric_id, start, *columns(block)))
            execute(DELETE, (metric_id, start, start + SIZE))


def columns(block: Block) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`."""
    return tuple(getattr(block, name) for name in _NAMES)


def block_of(points: Iterable[Logged]) -> Block | None:
    """Return `SIZE` points as a block; None where they cannot be kept exactly in one."""
    steps, times, values = zip(*points, strict=True)
    return packed(steps, times, list(values))
