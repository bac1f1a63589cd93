"""A study of another program: its trials, and the names and the space that they have here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import Expression, Value
from desktop_aml.domain.sweeps.space import Variation

MOST_TRIALS: Final = 100_000
"""Of a study that is taken in."""

_NOT_IN_NAMES: Final = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class ForeignTrial:
    """One trial; `values` are pairs of name and value, `intermediate` of step and value."""

    state: str
    value: float | None
    values: tuple[tuple[str, Value | None], ...]
    intermediate: tuple[tuple[int, float], ...] = ()
    started_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class ForeignStudy:
    """A study; `ranges` are the lower end, upper end, step (or None) and whether it is logarithmic, by name."""

    name: str
    metric: str
    goal: Goal
    trials: tuple[ForeignTrial, ...]
    ranges: Mapping[str, tuple[float, float, float | None, bool]]
    choices: Mapping[str, tuple[Value | None, ...]]


def named(study: ForeignStudy) -> dict[str, str]:
    """Return the name that each argument has here, with dashes; letters that no argument has become hyphens."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(name for trial in study.trials for name, _ in trial.values):
        plain = _NOT_IN_NAMES.sub("-", name).strip("-.") or "x"
        plain = plain if plain[0].isalpha() else f"x{plain}"
        own, count = plain, 2
        while own in taken:
            own, count = f"{plain}-{count}", count + 1
        taken.add(own)
        found[name] = f"--{own}"
    return found


def space_of_study(study: ForeignStudy) -> tuple[Variation, ...]:
    """Return what its arguments were drawn from; of one that changed its range all that it was given."""
    return tuple(Variation(own, _expression(study, name)) for name, own in named(study).items()) or (_NOTHING,)


def _expression(study: ForeignStudy, name: str) -> Expression:
    tried = [value for trial in study.trials for key, value in trial.values if key == name]
    if name in study.ranges:
        low, high, step, is_log = study.ranges[name]
        whole = all(isinstance(value, int) for value in tried)
        if whole and step in (None, 1) and low <= high:
            return Expression("integers", (int(low), int(high)))
        if low < high:
            if step is not None:
                return Expression("quniform", (low, high, int(step) if float(step).is_integer() else step))
            return Expression("loguniform" if is_log and low > 0 else "uniform", (low, high))
    return Expression("choice", _distinct(study.choices.get(name, tried)))


def _distinct(values: Sequence[Value | None]) -> tuple[Value, ...]:
    plain = [str(value) if value is None else value for value in values]
    return tuple({repr(value): value for value in plain}.values())


_NOTHING: Final = Variation("--nothing", Expression("choice", ("none",)))
"""Of a study whose trials were given nothing."""
