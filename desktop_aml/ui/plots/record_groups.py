"""What a run logged besides numbers, put together by name as Azure ML does. No Qt, so that it is tested as it is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.metrics import Record

_KINDS: Final = {"row": "table"}
"""Rows that are logged one by one are a table."""


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """All records of one name and kind, in logging order.

    Parameters
    ----------
    kind : str
        As `Record.kind`, but ``"table"`` for rows too.
    """

    name: str
    kind: str
    records: tuple[Record, ...]

    def columns(self) -> dict[str, list[object]]:
        """Return the columns of a table, or the values of a list as the only column."""
        merged: dict[str, list[object]] = {}
        for record in self.records:
            data = record.data if isinstance(record.data, Mapping) else {self.name: record.data}
            for column, cells in data.items():
                merged.setdefault(str(column), []).extend(cells if isinstance(cells, list) else [cells])
        return merged

    def numbers(self) -> list[float] | None:
        """Return the values of a list of at least two numbers, else None."""
        found = numeric_columns(self.columns()) if self.kind == "list" else {}
        values = found.get(self.name, [])
        return values if len(values) > 1 else None

    def paths(self) -> tuple[str, ...]:
        """Return the files of pictures and charts."""
        found = (record.data.get("path") for record in self.records if isinstance(record.data, Mapping))
        return tuple(path for path in found if isinstance(path, str))


def group_records(records: Iterable[Record]) -> list[RecordGroup]:
    """Put records of one name and kind together, in the order of the first of each."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record.name, _KINDS.get(record.kind, record.kind)), []).append(record)
    return [RecordGroup(name, kind, tuple(found)) for (name, kind), found in groups.items()]


def numeric_columns(columns: Mapping[str, list[object]]) -> dict[str, list[float]]:
    """Return the columns that hold numbers and gaps only, gaps as NaN."""
    found = {}
    for name, cells in columns.items():
        values = [_number(cell) for cell in cells]
        if None not in values and not all(math.isnan(value) for value in values if value is not None):
            found[name] = [value for value in values if value is not None]
    return found


def _number(cell: object) -> float | None:
    if cell is None:
        return math.nan
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return None
    return math.nan if isinstance(cell, int) and abs(cell) > 1e300 else float(cell)


def is_rising(values: list[float]) -> bool:
    """Whether each value is greater than the one before, so that others can be drawn over it."""
    return len(values) > 1 and all(low < high for low, high in itertools.pairwise(values))
