"""Rows of the table of parameters, as text and as the number they mean; migrations write them, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.names import storable
from desktop_aml.domain.parameters import Parameter, ParameterValue

_INT64: Final = 1 << 63


INSERT: Final = (
    "INSERT INTO parameter (run_id, source, name, place, text, kind, number)"
    " VALUES (?, ?, ?, (SELECT count(*) FROM parameter WHERE run_id = ?), ?, ?, ?)"
    " ON CONFLICT (run_id, source, name) DO UPDATE SET text = excluded.text, kind = excluded.kind,"
    " number = excluded.number"
)
"""Takes one of `rows`."""


def rows(run_id: str, parameters: Sequence[Parameter]) -> list[tuple[object, ...]]:
    """Return the values that `INSERT` takes for each of these parameters."""
    return [
        (run_id, one.source, storable(one.name), run_id, storable(one.text), *_sortable(one.value))
        for one in parameters
    ]


def _sortable(value: ParameterValue) -> tuple[str, float | int | None]:
    """Return the kind of a value, and the number that SQLite compares it by; NaN has none."""
    if isinstance(value, bool):
        return "bool", int(value)
    if isinstance(value, int):
        return "int", value if -_INT64 <= value < _INT64 else float(value)
    return ("float", None if value != value else value) if isinstance(value, float) else ("text", None)
