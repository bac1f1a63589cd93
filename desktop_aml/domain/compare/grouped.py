"""Runs of a comparison in groups: what they have in common, how much a metric differs within, who can be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.compare.runs import RunComparison, Section
from desktop_aml.domain.compare.sheet import of_comparison
from desktop_aml.domain.metrics import Scalar, number_of
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.summaries.groups import Spread, Spreading
from desktop_aml.domain.sweeps.records import Trial
from desktop_aml.domain.sweeps.standings import Standings, repeated_in, standings

SETTING: Final = "setting"
"""Groups by all arguments but those that only repeat a run: seeds and folds."""

EXPERIMENT: Final = "experiment"
SWEEP: Final = "parent"


@dataclass(frozen=True, slots=True)
class RunSet:
    """A group; `places` are those of its runs in the comparison, `display_name` is what they have in common."""

    id: str
    display_name: str
    places: tuple[int, ...]


def offered(found: RunComparison) -> tuple[tuple[str, str], ...]:
    """Return by what runs can be grouped so that some group has two of them, as key and name; a setting comes first."""
    keys: list[tuple[str, str]] = []
    if _repeats(found):
        keys.append((SETTING, ""))
    keys += [(EXPERIMENT, ""), (SWEEP, "")]
    columns = [one for one in of_comparison(found).columns if not one.kind.is_of_metric()]
    keys += [(column.key, column.name) for column in columns]
    return tuple((key, name) for key, name in keys if 1 < len(grouped(found, key)) < len(found.runs))


def grouped(found: RunComparison, key: str) -> tuple[RunSet, ...]:
    """Return the groups, in the order of their first runs; those that lack what is grouped by are one, too."""
    names = _names(found, key)
    members: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        members.setdefault(name, []).append(place)
    return tuple(RunSet(name, name, tuple(places)) for name, places in members.items())


def _names(found: RunComparison, key: str) -> list[str]:
    if key == EXPERIMENT:
        return [run.experiment for run in found.runs]
    if key == SWEEP:
        return [run.parent or "–" for run in found.runs]
    if key == SETTING:
        given, repeated = _given(found), _repeats(found)
        kept = [(name, values) for name, values in given if name not in repeated and len(set(map(str, values))) > 1]
        settings = [
            "  ".join(f"{name} {values[place]}" for name, values in kept if values[place] is not None)
            for place in range(len(found.runs))
        ]
        return [words or "–" for words in settings]
    column = next((one for one in of_comparison(found).columns if one.key == key), None)
    values = column.values if column is not None else (None,) * len(found.runs)
    return ["–" if value is None else str(value) for value in values]


def _given(found: RunComparison) -> list[tuple[str, tuple[Scalar, ...]]]:
    columns = of_comparison(found).columns
    return [(one.name, one.values) for one in columns if one.kind is FieldKind.PARAMETER]


def _repeats(found: RunComparison) -> tuple[str, ...]:
    """Return the arguments by which runs repeat a setting."""
    return repeated_in(name for name, _ in _given(found))


def spreads(found: RunComparison, sets: Sequence[RunSet]) -> dict[str, tuple[Spread | None, ...]]:
    """Return mean and deviation of the last value of each metric in each group; None where no run has a number."""
    return {
        row.name: tuple(_spread([row.values[place] for place in one.places]) for one in sets)
        for row in found.rows
        if row.section is Section.METRICS and any(math.isfinite(number_of(value)) for value in row.values)
    }


def _spread(values: Sequence[Scalar]) -> Spread | None:
    numbers = [number for number in map(number_of, values) if math.isfinite(number)]
    counted = Spreading()
    for number in numbers:
        counted.add(number)
    return counted.spread() if numbers else None


def told_apart(found: RunComparison, metric: str, goal: Goal) -> Standings | None:
    """Compare the settings of the runs by a metric's last values; None where no argument repeats a setting.

    See `sweeps.standings` for what is claimed, and how often wrongly.
    """
    row = next((one for one in found.rows if one.section is Section.METRICS and one.name == metric), None)
    if row is None:
        return None
    given = [(name, values) for name, values in _given(found) if len(set(map(str, values))) > 1]
    trials = []
    for place, run in enumerate(found.runs):
        values = tuple((name, _plain(column[place])) for name, column in given if column[place] is not None)
        number = number_of(row.values[place])
        trials.append(Trial(place + 1, run.id, values, best=number if math.isfinite(number) else None))
    return standings(trials, goal)


def _plain(value: Scalar) -> str | int | float | bool:
    return "" if value is None else value
