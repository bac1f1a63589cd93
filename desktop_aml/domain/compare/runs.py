"""Several runs side by side: what each was given, what came of it, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from desktop_aml.domain.files_read import printable
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.runs import RunDetail, RunSummary
from desktop_aml.domain.secret_words import masked_arguments

COMPARED_AT_MOST: Final = 8
"""More lines than that cannot be told apart in a plot, nor more columns read in a table."""

_OPTION: Final = re.compile(r"-{1,2}[A-Za-z_]")
_SET: Final = "(set)"


class Section(StrEnum):
    """What a row is about."""

    METRICS = "Metrics"
    ARGUMENTS = "Arguments"
    DATA = "Data"
    RUN = "Run"
    TAGS = "Tags"
    PROPERTIES = "Properties"


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
        """Whether any two runs have another value. NaN is the same as NaN, and 1 as 1.0."""
        first, *others = map(_comparable, self.values)
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
        (Section.ARGUMENTS, [arguments_by_name(masked_arguments(one.detail.arguments)) for one in runs]),
        (Section.DATA, [_data_of(data or {}, place) for place in range(len(runs))]),
        (Section.RUN, [_facts(one.detail, now) for one in runs]),
        (Section.TAGS, [{key: value or _SET for key, value in one.detail.tags.items()} for one in runs]),
        (Section.PROPERTIES, [one.detail.properties for one in runs]),
    )
    rows = [
        ComparedRow(section, name, tuple(values.get(name) for values in sides))
        for section, sides in sections
        for name in dict.fromkeys(name for values in sides for name in values)
    ]
    return RunComparison(tuple(one.detail.summary for one in runs), tuple(rows))


def arguments_by_name(arguments: Sequence[str]) -> dict[str, str]:
    """Return the arguments of a script by the option they belong to, without knowing its parser.

    What follows an option belongs to it up to the next option; a number below zero is no option. What belongs to none
    is named by its place.
    """
    found: dict[str, list[str]] = {}
    name = ""
    for place, word in enumerate(arguments, 1):
        if _OPTION.match(word):
            name, equals, value = word.partition("=")
            found.setdefault(name, []).extend([value] if equals else [])
            name = "" if equals else name
        else:
            found.setdefault(name or f"argument {place}", []).append(word)
    return {name: " ".join(words) if words else _SET for name, words in found.items()}


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
