"""What runs differ in beside what each of them has: parameters, tags, properties, metrics, as fields for a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Final

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.values import dataclass


class FieldKind(StrEnum):
    """Where a field comes from."""

    PARAMETER = "parameter"
    TAG = "tag"
    METRIC = "metric"
    """By its last value, the one written last."""
    BEST = "best"
    LEAST = "min"
    GREATEST = "max"
    FIRST = "first"
    AT_STEP = "at"
    """At one step; the name is that of `name_at_step`."""
    PROPERTY = "property"
    USE = "use"
    """What it used of the computer, see `summaries.machine_use`."""

    def is_of_metric(self) -> bool:
        """Whether it is a value of a metric."""
        return self not in _OF_RUNS


_OF_RUNS: Final = frozenset({FieldKind.PARAMETER, FieldKind.TAG, FieldKind.PROPERTY, FieldKind.USE})

_STEP: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_INT64: Final = 1 << 63
GROUPING: Final = frozenset({FieldKind.PARAMETER, FieldKind.TAG, FieldKind.PROPERTY})
"""What runs can be grouped by."""


@dataclass(frozen=True, slots=True)
class RunField:
    """One field that some runs have.

    Parameters
    ----------
    differs : bool
        Whether the runs looked at have at least two values of it.
    is_number : bool
        Whether each of its values is a number.
    """

    kind: FieldKind
    name: str
    differs: bool = False
    is_number: bool = False

    @property
    def key(self) -> str:
        """What the field is sorted and remembered by, such as ``parameter:lr``."""
        return field_key(self.kind, self.name)


DESCRIBING: Final = ("experiment", "script", "environment", "target")
"""Columns of every run that say the same in most tables."""


@dataclass(frozen=True, slots=True)
class RunFields:
    """The fields of the newest runs of a table, in the order in which they came, and what is the same in all of them.

    Parameters
    ----------
    constant : frozenset of str
        Those of `DESCRIBING` that have one value; empty for fewer than two runs.
    goals : mapping of str to Goal
        For each metric of which that is known, whether less or more of it is better.
    """

    fields: tuple[RunField, ...] = ()
    constant: frozenset[str] = frozenset()
    goals: Mapping[str, Goal] = field(default_factory=dict)


def field_key(kind: FieldKind, name: str) -> str:
    """Return what a field is sorted and remembered by."""
    return f"{kind}:{name}"


def field_of_key(key: str) -> tuple[FieldKind, str] | None:
    """Return the kind and name in a key of `field_key`; None for any other text."""
    kind, colon, name = key.partition(":")
    try:
        return (FieldKind(kind), name) if colon else None
    except ValueError:
        return None


def name_at_step(metric: str, step: int) -> str:
    """Return the name of the field that is a metric at a step."""
    return f"{step}:{metric}"


def metric_and_step(name: str) -> tuple[str, int] | None:
    """Return what a name of `name_at_step` was made of; None for any other text, and a step that cannot be logged."""
    step, colon, metric = name.partition(":")
    if not _STEP.fullmatch(step) or not colon or not metric or not -_INT64 <= int(step) < _INT64:
        return None
    return metric, int(step)


def gathered(kind: FieldKind, columns: Iterable[tuple[str, Sequence[object], bool]]) -> tuple[RunField, ...]:
    """Return the fields that values belong to, those of the most runs first, equal ones in the order they came.

    Parameters
    ----------
    columns : iterable of (str, sequence of object, bool)
        Name, values of some runs that have the field, and whether each of them is a number; a field may come in
        several parts. Nothing, and NaN, is no value that could differ from another.
    """
    counts: dict[str, int] = {}
    values: dict[str, set[object]] = {}
    texts: set[str] = set()
    for name, column, is_number in columns:
        counts[name] = counts.get(name, 0) + len(column)
        values.setdefault(name, set()).update(column)
        if not is_number:
            texts.add(name)
    names = sorted(counts, key=lambda name: -counts[name])
    return tuple(RunField(kind, name, _differ(values[name]), name not in texts) for name in names)


def _differ(values: set[object]) -> bool:
    return len([value for value in values if value is not None and value == value]) > 1
