"""Whether one run gives again what another gave: files by their bytes, metrics by their bits.

Times are left out: how long something took is no result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from desktop_aml.domain.metrics import Scalar

TOLERANCE: Final = 1e-12
"""Relative difference below which two numbers are called the same: what another order of adding makes of a double."""

_TIMES: Final = frozenset(
    {"time", "times", "timestamp", "seconds", "secs", "sec", "ms", "minutes", "duration", "elapsed", "latency",
     "throughput", "runtime", "walltime"}
)  # fmt: skip
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Sameness(StrEnum):
    """What became of a run when it was made again."""

    IDENTICAL = "identical"
    """Every file has the same bytes, every metric the same bits."""
    SAME_NUMBERS = "same numbers"
    """Every metric is the same up to the tolerance, and both left files of the same names; some bytes differ."""
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    """One of the two has not completed."""


class Change(StrEnum):
    """How a file or a metric of the second run stands to the first's."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs.

    Parameters
    ----------
    first_byte : int
        The offset, counted from 0, of the first byte that differs; -1 where there is only one file, or none was read.
    """

    path: str
    change: Change
    first_byte: int = -1


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric that differs.

    Parameters
    ----------
    before, after : scalar
        The values where they first differ; None where there is none.
    index : int
        The point at which that is, counted from 0.
    relative : float
        The largest relative difference of any point; infinite where values are no numbers or points are missing.
    """

    name: str
    change: Change
    before: Scalar = None
    after: Scalar = None
    index: int = 0
    relative: float = math.inf


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that differed before the script began: code, an argument, a package, data.

    Parameters
    ----------
    kind : str
        ``"code"``, ``"arguments"``, ``"packages"``, ``"data"``, ``"computer"``.
    """

    kind: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the run `run` gives again what `origin` gave.

    Parameters
    ----------
    files_same, metrics_same : int
        How many files and metrics are the same.
    times : tuple of str
        Metrics that were not compared, as their names say that they are times.
    reason : str
        Why the two cannot be compared; empty where they can.
    """

    run: str
    origin: str
    sameness: Sameness
    files: tuple[FileChange, ...] = ()
    metrics: tuple[MetricChange, ...] = ()
    conditions: tuple[Condition, ...] = ()
    files_same: int = 0
    metrics_same: int = 0
    times: tuple[str, ...] = ()
    reason: str = ""


def is_time(name: str) -> bool:
    """Whether the name of a metric says that it is a time, or something per time: ``fit_time``, ``elapsed``."""
    return any(word.lower() in _TIMES for word in _WORDS.findall(name))


def flat(data: object, name: str = "") -> Iterator[Scalar]:
    """Yield the scalars of a logged list, row or table, in their order; columns of times are left out."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if not is_time(str(key)):
                yield str(key)
                yield from flat(value, str(key))
    elif isinstance(data, list | tuple):
        for value in data:
            yield from flat(value, name)
    elif data is None or isinstance(data, str | int | float):
        yield data


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileChange, ...]:
    """Return which files differ.

    Parameters
    ----------
    before, after : mapping of str to str
        The SHA-256 of each file by its path.
    """
    found = []
    for path in sorted({*before, *after}):
        if path not in after:
            found.append(FileChange(path, Change.MISSING))
        elif path not in before:
            found.append(FileChange(path, Change.ADDED))
        elif before[path] != after[path]:
            found.append(FileChange(path, Change.CHANGED))
    return tuple(found)


def changed_metric(name: str, before: Sequence[Scalar], after: Sequence[Scalar]) -> MetricChange | None:
    """Return how the values of a metric differ, one after another; None where each has the same bits.

    NaN is the same as NaN; 0.0 is not -0.0, and 1 is not 1.0 nor true.
    """
    first: MetricChange | None = None
    relative = 0.0
    for index in range(max(len(before), len(after))):
        here = before[index] if index < len(before) else None
        there = after[index] if index < len(after) else None
        if _same(here, there) and index < len(before) and index < len(after):
            continue
        first = first or MetricChange(name, Change.CHANGED, here, there, index)
        relative = max(relative, _relative(here, there))
    if first is None:
        return None
    return replace(first, relative=relative)


def judged(
    run: str,
    origin: str,
    *,
    files: Sequence[FileChange],
    metrics: Sequence[MetricChange],
    conditions: Sequence[Condition],
    files_same: int,
    metrics_same: int,
    times: Sequence[str] = (),
    tolerance: float = TOLERANCE,
) -> Verdict:
    """Return the verdict over two runs that both completed."""
    if not files and not metrics:
        sameness = Sameness.IDENTICAL
    elif all(one.change is Change.CHANGED for one in files) and all(one.relative <= tolerance for one in metrics):
        sameness = Sameness.SAME_NUMBERS
    else:
        sameness = Sameness.DIFFERS
    return Verdict(
        run, origin, sameness, tuple(files), tuple(metrics), tuple(conditions), files_same, metrics_same, tuple(times)
    )


def in_words(verdict: Verdict) -> str:
    """Return a verdict as one sentence."""
    if verdict.sameness is Sameness.NOT_COMPARABLE:
        return verdict.reason
    counted = f"{_count(verdict.files_same, 'file')} and {_count(verdict.metrics_same, 'metric')}"
    if verdict.sameness is Sameness.IDENTICAL:
        if not verdict.files_same and not verdict.metrics_same:
            return "Neither run left a file or a metric: there is nothing to compare."
        return f"Identical: {counted} are the same to the last bit."
    files, metrics = _count(len(verdict.files), "file"), _count(len(verdict.metrics), "metric")
    if verdict.sameness is Sameness.SAME_NUMBERS:
        others = [f"{files} {_other('has', 'have', verdict.files)} different bytes"] if verdict.files else []
        if verdict.metrics:
            most = max(one.relative for one in verdict.metrics)
            others.append(
                f"{metrics} {_other('differs', 'differ', verdict.metrics)} by at most {most:.1g} of the value"
            )
        return f"The same numbers; {' and '.join(others)}."
    parts = [words for words, some in ((files, verdict.files), (metrics, verdict.metrics)) if some]
    return f"Differs in {' and '.join(parts)}; {counted} are the same."


def file_in_words(one: FileChange) -> str:
    """Return how a file differs, in words."""
    if one.change is Change.CHANGED:
        return f"different from byte {one.first_byte:,} on" if one.first_byte >= 0 else "different bytes"
    return _only_one_has(one.change)


def metric_in_words(one: MetricChange) -> str:
    """Return how a metric differs, in words."""
    if one.change is not Change.CHANGED:
        return _only_one_has(one.change)
    place = f" at point {one.index + 1:,}" if one.index else ""
    most = f", at most {one.relative:.2g} of the value" if math.isfinite(one.relative) else ""
    return f"{_shown(one.before)} before, {_shown(one.after)} now{place}{most}"


def _only_one_has(change: Change) -> str:
    return "only the earlier run has it" if change is Change.MISSING else "only the later run has it"


def _same(here: Scalar, there: Scalar) -> bool:
    if type(here) is not type(there):
        return False
    if isinstance(here, float) and isinstance(there, float):
        both = math.isnan(here) and math.isnan(there)
        return both or (here == there and math.copysign(1.0, here) == math.copysign(1.0, there))
    return here == there


def _relative(here: Scalar, there: Scalar) -> float:
    if not isinstance(here, int | float) or not isinstance(there, int | float):
        return math.inf
    if here == there:
        return 0.0
    try:
        first, second = float(here), float(there)
    except OverflowError:
        return math.inf
    found = abs(first - second) / max(abs(first), abs(second))
    return found if math.isfinite(found) else math.inf


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _other(one: str, several: str, found: Sequence[object]) -> str:
    return one if len(found) == 1 else several


def _shown(value: Scalar) -> str:
    return "nothing" if value is None else repr(value) if isinstance(value, float) else str(value)
