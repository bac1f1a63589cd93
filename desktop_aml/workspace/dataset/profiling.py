"""The columns of a table: kind, what is missing, how many values, and how they lie."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Final

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.workspace.dataset.rows import named_faults, rows_of

ROWS_AT_MOST: Final = 1_000_000
BINS: Final = 10
_DISTINCT_AT_MOST: Final = 10_000
_TOP: Final = 5
_LONGEST: Final = 100
_MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "#n/a"})
_TRUTHS: Final = frozenset({"true", "false"})


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column.

    Parameters
    ----------
    kind : str
        ``"whole"``, ``"number"``, ``"truth"``, ``"date"``, ``"text"``, or ``"empty"`` where every value is missing.
    count, missing : int
        Rows, and those without a value.
    distinct : int or None
        How many values there are; None for more than ten thousand.
    least, greatest, mean : float or None
        Of numbers that are finite.
    histogram : tuple of int
        Of numbers: how many lie in each of ten equal parts from `least` to `greatest`.
    top : tuple of (str, int)
        The values that are met most, with how often; empty where no value is met twice.
    """

    name: str
    kind: str
    count: int
    missing: int
    distinct: int | None
    least: float | None = None
    greatest: float | None = None
    mean: float | None = None
    histogram: tuple[int, ...] = ()
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """A table. `is_whole` is false where only its first million rows were read."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    is_whole: bool = True


def profile(dataset: DatasetVersion) -> TableProfile:
    """Read a dataset and say what its columns hold.

    Raises
    ------
    InvalidInput
        When it is no table of a kind that can be read here, or its files are no such table.
    StorageError
        When one of its files is gone or cannot be read.
    """
    columns: dict[str, _Column] = {}
    count = 0
    rows = rows_of(dataset)
    with named_faults(dataset):
        for row in islice(rows, ROWS_AT_MOST):
            for name, value in row.items():
                column = columns.get(name)
                if column is None:
                    column = columns[name] = _Column(missing=count)
                column.add(value)
            count += 1
            if len(row) < len(columns):
                for name in columns.keys() - row.keys():
                    columns[name].add(None)
        is_whole = next(rows, None) is None
    return TableProfile(count, tuple(one.closed(name) for name, one in columns.items()), is_whole)


@dataclass(slots=True)
class _Column:
    """What was met of a column so far."""

    missing: int = 0
    count: int = 0
    numbers: array[float] = field(default_factory=lambda: array("d"))
    is_whole: bool = True
    truths: int = 0
    dates: int = 0
    texts: int = 0
    values: Counter[str] = field(default_factory=Counter)
    has_too_many: bool = False

    def __post_init__(self) -> None:
        self.count = self.missing

    def add(self, value: object) -> None:
        self.count += 1
        text = "" if value is None else str(value).strip()
        if text.lower() in _MISSING:
            self.missing += 1
            return
        if text in self.values or len(self.values) < _DISTINCT_AT_MOST:
            self.values[text] += 1
        else:
            self.has_too_many = True
        if text.lower() in _TRUTHS:
            self.truths += 1
        elif (number := _number(text)) is not None:
            self.numbers.append(number)
            self.is_whole = self.is_whole and number.is_integer() and "." not in text and "e" not in text.lower()
        elif _is_date(text):
            self.dates += 1
        else:
            self.texts += 1

    def closed(self, name: str) -> ColumnProfile:
        met = self.count - self.missing
        kind = "text"
        if not met:
            kind = "empty"
        elif len(self.numbers) == met:
            kind = "whole" if self.is_whole else "number"
        elif self.truths == met:
            kind = "truth"
        elif self.dates == met:
            kind = "date"
        finite = [one for one in self.numbers if math.isfinite(one)] if kind in {"whole", "number"} else []
        least, greatest = (min(finite), max(finite)) if finite else (None, None)
        top = tuple((text[:_LONGEST], times) for text, times in self.values.most_common(_TOP) if times > 1)
        return ColumnProfile(
            name=name,
            kind=kind,
            count=self.count,
            missing=self.missing,
            distinct=None if self.has_too_many else len(self.values),
            least=least,
            greatest=greatest,
            mean=math.fsum(one / len(finite) for one in finite) if finite else None,
            histogram=_histogram(finite),
            top=() if self.has_too_many else top,
        )


def _number(text: str) -> float | None:
    # Python's own spelling 1_000 is no number to anybody else.
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _is_date(text: str) -> bool:
    if len(text) < len("2026-1-1") or not text[:4].isdecimal():
        return False
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(text.replace("Z", "+00:00"))
        except ValueError:
            continue
        return True
    return False


def _histogram(numbers: list[float]) -> tuple[int, ...]:
    if not numbers:
        return ()
    least, greatest = min(numbers), max(numbers)
    # Halved, so that the span of the greatest numbers is no infinity.
    span = greatest / 2 - least / 2
    parts = [0] * BINS
    for one in numbers:
        parts[min(BINS - 1, int((one / 2 - least / 2) / span * BINS)) if span else 0] += 1
    return tuple(parts)
