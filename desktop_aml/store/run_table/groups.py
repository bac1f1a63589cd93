"""The runs of a table in groups: which there are, where their lines stand, and what their runs logged."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.run_fields import GROUPING, field_of_key
from desktop_aml.domain.summaries.groups import RunGroup, Spread, Spreading
from desktop_aml.store.database import Database
from desktop_aml.store.run_table import fields
from desktop_aml.store.summaries.scalars import sortable

_COLUMNS: Final = {"experiment": "run.experiment", "parent": "run.parent", "script": "run.script"}
_EXACT: Final = 1e15
Where = tuple[str, Sequence[object]]
"""A condition on the row of ``run`` and its values."""


def grouped(
    db: Database, by: str, where: Where, order: Where, opened: Sequence[str]
) -> tuple[array[int], tuple[RunGroup, ...], int]:
    """Return the lines of a table in groups, the groups, and how many runs are in them.

    A line is the number of a run, or ``-1 - place`` for the group at a place; runs follow where theirs is open.

    Raises
    ------
    InvalidInput
        When runs cannot be grouped by this.
    """
    value, named = _value(by)
    condition, values = where
    lines = db.run(
        f"SELECT n, {value} AS grp FROM run WHERE {condition} ORDER BY grp IS NULL, grp, {order[0]}",  # noqa: S608  fixed texts
        (*named, *values, *order[1]),
    )
    members: dict[str, array[int]] = {}
    for n, name in lines:
        members.setdefault(_name(name), array("q")).append(n)
    spreads = _spreads(db, value, named, where)
    positions, groups = array("q"), []
    for place, (name, numbers) in enumerate(members.items()):
        groups.append(RunGroup(name, len(numbers), name in opened, spreads.get(name, {})))
        positions.append(-1 - place)
        if name in opened:
            positions.extend(numbers)
    return positions, tuple(groups), sum(map(len, members.values()))


def _value(by: str) -> tuple[str, list[object]]:
    if by in _COLUMNS:
        return _COLUMNS[by], []
    field = field_of_key(by)
    if field is None or field[0] not in GROUPING:
        words = "Group by a parameter, a tag, a property or the experiment."
        raise InvalidInput(f"Runs cannot be grouped by “{by}”.", words)
    return fields.VALUES[field[0]], [field[1]]


def _spreads(db: Database, value: str, named: Sequence[object], where: Where) -> dict[str, dict[str, Spread]]:
    """Return mean and deviation of the last values of each metric for each group, in one walk over them."""
    rows = db.run(
        f"SELECT {value}, metric.name, {sortable('last')} FROM run"  # noqa: S608  fixed texts only
        " JOIN metric ON metric.run_id = run.id AND metric.kind = 'scalar' AND last_kind IN ('n', 'b', 'big')"
        f" WHERE run.n IN (SELECT n FROM run WHERE {where[0]})",
        (*named, *where[1]),
    )
    counted: dict[str, dict[str, Spreading]] = {}
    for group, name, number in rows:
        if math.isfinite(number):
            of = counted.setdefault(_name(group), {})
            of.setdefault(name, Spreading()).add(number)
    return {group: {name: one.spread() for name, one in of.items()} for group, of in counted.items()}


def _name(value: object) -> str:
    """Return what a group is called: equal numbers are one group, however they were written."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return "" if value is None else str(value)
