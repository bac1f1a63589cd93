"""Scalars as the database holds them, a kind and a value: SQLite turns NaN into NULL and has no truth values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.names import storable

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import Scalar

INT64: Final = 1 << 63


def stored(value: Scalar) -> tuple[str, object]:
    """Return kind and value of a scalar: n number, s text, b truth, x none, nan, big (a whole number as text)."""
    # The order matters: a bool is an int, and floats are by far the most frequent.
    if isinstance(value, float):
        return ("nan", None) if math.isnan(value) else ("n", value)
    if isinstance(value, bool):
        return "b", int(value)
    if isinstance(value, int):
        return ("n", value) if -INT64 <= value < INT64 else ("big", str(value))
    if value is None:
        return "x", None
    return "s", storable(str(value))


def loaded(kind: str, value: float | str | None) -> Scalar:
    """Return the scalar that a kind and a value stand for."""
    if kind == "n":
        return value
    if kind == "nan":
        return math.nan
    if kind == "b":
        return bool(value)
    if kind == "big":
        return int(value or 0)
    return value


def sortable(column: str) -> str:
    """Return the SQL that compares the values of `column` as numbers; its kind is in ``column_kind``."""
    return f"iif({column}_kind = 'big', CAST({column} AS REAL), {column})"
