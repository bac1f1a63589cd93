"""Many runs as columns of values: what each was given, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.compare.runs import SET, ComparedRow, RunComparison, Section
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.parameters import typed
from desktop_aml.domain.run_fields import FieldKind, field_key
from desktop_aml.domain.runs import RunSummary

SHOWN_AT_MOST: Final = 10_000
"""Runs that are drawn at a time."""

_FIRST_GIVEN: Final = 6
_FIRST_LOGGED: Final = 3
_TOLD_APART: Final = 50
"""Of more texts than that, such as paths, a place on an axis says nothing."""

_OF_SECTIONS: Final = {
    Section.ARGUMENTS: FieldKind.PARAMETER,
    Section.PARAMETERS: FieldKind.PARAMETER,
    Section.TAGS: FieldKind.TAG,
    Section.METRICS: FieldKind.METRIC,
}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One value of every run, in their order; None where a run has none."""

    kind: FieldKind
    name: str
    values: tuple[Scalar, ...]

    @property
    def key(self) -> str:
        """What the column is known by."""
        return field_key(self.kind, self.name)

    def differs(self) -> bool:
        """Whether any two runs have another value; NaN is the same as NaN."""
        return len({"NaN" if value != value else value for value in self.values}) > 1

    def is_telling(self) -> bool:
        """Whether runs differ in it, and it is no text of its own for almost every run, such as a path."""
        texts = {value for value in self.values if isinstance(value, str)}
        return self.differs() and len(texts) <= _TOLD_APART


@dataclass(frozen=True, slots=True)
class RunSheet:
    """Runs and their columns: arguments and parameters, tags, metrics by their last value."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    columns: tuple[SheetColumn, ...] = ()

    def first_keys(self) -> tuple[str, ...]:
        """Return the columns to begin with: a few of what was given and of what came of it, where runs differ in it."""
        telling = [one for one in self.columns if one.is_telling()]
        given = [one.key for one in telling if one.kind is FieldKind.PARAMETER][:_FIRST_GIVEN]
        metrics = [one for one in telling if one.kind.is_of_metric()]
        numbers = [one for one in metrics if not any(isinstance(value, str) for value in one.values)]
        logged = [one.key for one in numbers or metrics][:_FIRST_LOGGED]
        rest = [one.key for one in telling if one.kind is FieldKind.TAG]
        return tuple([*given, *logged] or rest[:_FIRST_GIVEN])


def of_summaries(runs: Sequence[RunSummary]) -> RunSheet:
    """Return the sheet of runs as a page of the runs table has them."""
    sides: tuple[tuple[FieldKind, Callable[[RunSummary], Mapping[str, Scalar]]], ...] = (
        (FieldKind.PARAMETER, _given),
        (FieldKind.TAG, lambda run: run.tags),
        (FieldKind.METRIC, lambda run: {name: one.last for name, one in run.metrics.items()}),
    )
    found = []
    for kind, read in sides:
        rows = [read(run) for run in runs]
        names = dict.fromkeys(name for row in rows for name in row)
        found += [SheetColumn(kind, name, tuple(row.get(name) for row in rows)) for name in names]
    return RunSheet(tuple(run.id for run in runs), tuple(run.display_name for run in runs), tuple(found))


def of_comparison(found: RunComparison) -> RunSheet:
    """Return the sheet of runs that are compared."""
    columns: dict[str, SheetColumn] = {}
    for row in _in_order(found.rows):
        column = _column(row)
        columns.setdefault(column.key, column)
    runs = found.runs
    return RunSheet(tuple(run.id for run in runs), tuple(run.display_name for run in runs), tuple(columns.values()))


def _in_order(rows: Iterable[ComparedRow]) -> list[ComparedRow]:
    places = list(_OF_SECTIONS)
    return sorted((row for row in rows if row.section in places), key=lambda row: places.index(row.section))


def _column(row: ComparedRow) -> SheetColumn:
    kind = _OF_SECTIONS[row.section]
    if kind is not FieldKind.PARAMETER:
        return SheetColumn(kind, row.name, row.values)
    # A flag that was given is true in the runs table, too.
    values = tuple(
        typed("True" if value == SET else value) if isinstance(value, str) else value for value in row.values
    )
    return SheetColumn(kind, row.name.lstrip("-") or row.name, values)


def _given(run: RunSummary) -> dict[str, Scalar]:
    return {name: typed(text) for name, text in run.parameters.items()}
