"""Runs of other tools as they are read from where they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_aml.domain.metrics import Point
from desktop_aml.domain.runs import RunState

MOST_RUNS: Final = 200_000
LONGEST_TEXT: Final = 10_000
_LAST_S: Final = 6e10
"""In the year 3871; as far before 1970 a calendar goes, too."""

STATES: Final = {
    "FINISHED": RunState.COMPLETED,
    "FAILED": RunState.FAILED,
    "KILLED": RunState.CANCELED,
    "RUNNING": RunState.RUNNING,
    "SCHEDULED": RunState.PREPARING,
}
"""MLflow's words."""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One run of another tool. Times are Unix times in seconds.

    Parameters
    ----------
    key : str
        What finds it again in its source.
    id : str
        What it is called here.
    curves : iterable of (str, list of Point)
        What it logged, in the order of time; read when it is taken.
    artifacts : str
        The folder of its files on this computer; empty for none.
    """

    key: str
    id: str
    name: str
    experiment: str
    state: RunState
    created_at: float
    ended_at: float | None = None
    script: str = ""
    parent: str = ""
    note: str = ""
    deleted: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    curves: Iterable[tuple[str, list[Point]]] = ()
    artifacts: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source.

    Parameters
    ----------
    noun : str
        What it is called in words.
    is_one : callable
        Whether a path is such a source; it looks at names and first bytes only.
    runs, points : callable
        Its runs; the points of one metric of a run, by the key of the run. They raise `StorageError` where it cannot
        be read.
    """

    noun: str
    is_one: Callable[[Path], bool]
    runs: Callable[[Path], Iterator[SourceRun]]
    points: Callable[[Path, str, str], list[Point]]


def known_time(seconds: float | None) -> float | None:
    """Return a Unix time of another tool; None for what is none, or no year that a calendar shows."""
    return seconds if seconds is not None and -_LAST_S < seconds < _LAST_S else None


def clipped(text: object) -> str:
    """Return a text of another tool, no longer than is kept."""
    return str(text)[:LONGEST_TEXT]
