"""Several runs side by side: what each was given, what came of it, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from desktop_aml.domain.files_read import printable
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.parameters import ParameterSource, typed
from desktop_aml.domain.runs import RunDetail, RunSummary

COMPARED_AT_MOST: Final = 100
"""More lines than that cannot be told apart in a plot, nor more columns read in a table."""

SET: Final = "(set)"
"""Stands for the value of a tag that has none."""


class Section(StrEnum):
    """What a row is about."""

    METRICS = "Metrics"
    ARGUMENTS = "Arguments"
    PARAMETERS = "Parameters"
    DATA = "Data"
    RUN = "Run"
    TAGS = "Tags"
    PROPERTIES = "Properties"


_TYPED: Final = frozenset({Section.ARGUMENTS, Section.PARAMETERS})
"""What is written as text and may mean a number."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the runs. `metrics` are the last values of its scalars, in the order they were first logged."""

    detail: RunDetail
    metrics: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One value of every run, in their order; None where a run has none."""

    section: Section
    name: str
    values: tuple[Scalar, ...]

    def differs(self) -> bool:
        """Whether any two runs have another value. NaN is the same as NaN, and 1 as 1.0, also as an argument."""
        values = map(_meant, self.values) if self.section in _TYPED else self.values
        first, *others = map(_comparable, values)
        return any(other != first for other in others)


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The runs, and their values row by row."""

    runs: tuple[RunSummary, ...]
    rows: tuple[ComparedRow, ...]


def compare(
    runs: Sequence[ComparedRun], now: float, *, data: Mapping[str, Sequence[Scalar]] | None = None
) -> RunComparison:
    """Return the values of `runs` side by side.

    Parameters
    ----------
    now : float
        Unix time in seconds, for the duration of those that still go on.
    data : mapping of str to sequence, optional
        What each run read from elsewhere, in words, by path.
    """
    sections: tuple[tuple[Section, list[Mapping[str, Scalar]]], ...] = (
        (Section.METRICS, [one.metrics for one in runs]),
        (Section.ARGUMENTS, [_of(one.detail, ParameterSource.ARGUMENT) for one in runs]),
        (Section.PARAMETERS, [_of(one.detail, ParameterSource.LOGGED, ParameterSource.CAPTURED) for one in runs]),
        (Section.DATA, [_data_of(data or {}, place) for place in range(len(runs))]),
        (Section.RUN, [_facts(one.detail, now) for one in runs]),
        (Section.TAGS, [{key: value or SET for key, value in one.detail.tags.items()} for one in runs]),
        (Section.PROPERTIES, [one.detail.properties for one in runs]),
    )
    rows = [
        ComparedRow(section, name, tuple(values.get(name) for values in sides))
        for section, sides in sections
        for name in dict.fromkeys(name for values in sides for name in values)
    ]
    return RunComparison(tuple(one.detail.summary for one in runs), tuple(rows))


def _of(detail: RunDetail, *sources: ParameterSource) -> dict[str, str]:
    # What was captured stands behind: a name that the script logged itself means that.
    found: dict[str, str] = {}
    for source in sources:
        for one in detail.parameters:
            if one.source is source:
                found.setdefault(one.name, one.text)
    return found


def _meant(value: Scalar) -> Scalar:
    return typed(value) if isinstance(value, str) else value


def _data_of(data: Mapping[str, Sequence[Scalar]], place: int) -> dict[str, Scalar]:
    return {printable(path): values[place] for path, values in data.items()}


def _facts(detail: RunDetail, now: float) -> dict[str, Scalar]:
    summary = detail.summary
    return {
        "State": str(summary.state),
        "Duration (s)": _rounded(summary.duration_s(now)),
        "Script": summary.script,
        "Environment": summary.environment,
        "Python": detail.python_version or None,
        "Target": summary.target,
        "Source": detail.source_directory,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _comparable(value: Scalar) -> object:
    # NaN is not equal to itself.
    return "NaN" if isinstance(value, float) and value != value else value
