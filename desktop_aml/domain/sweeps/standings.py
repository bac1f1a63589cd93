"""Which settings of a sweep can be told from the best, when each was tried several times.

Trials that differ only in a seed or a fold are one setting. All pairs of settings are compared by the studentized
range: however many there are, and although the best is picked from the data itself, a difference is claimed where there
is none in at most 5 % of sweeps. Hsu's comparison with the best would claim more often that one setting is worse where
several are equally good (10 % of sweeps with two). Plain arithmetic, no I/O.

References
----------
C. Y. Kramer, Extension of multiple range tests to group means with unequal numbers of replications, Biometrics 12
(1956); C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.records import Sweep, Trial
from desktop_aml.domain.sweeps.space import Values, Variation, seeds_of

ALPHA: Final = 0.04
"""How often a difference is claimed where there is none: below the 5 % that are promised, so that also of 2,000 sweeps
no more than that claim one, but for one time in forty."""

POWER_QUANTILE: Final = 0.8416
"""Of the normal distribution, for 80 %."""

PAPER: Final = "https://doi.org/10.2307/3001469"
"""Of the test of Tukey and Kramer."""

_SEED: Final = re.compile(r"(^|[-_.])(seed|random[-_]?state|rng)s?$", re.IGNORECASE)
_FOLD: Final = re.compile(r"(^|[-_.])(fold|split)s?([-_](index|number|id))?$", re.IGNORECASE)
_MOST_RUNS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Setting:
    """Trials that were given the same but for a seed or a fold.

    Parameters
    ----------
    values : tuple
        What they share.
    mean, deviation : float
        Of the metric; the deviation is None for a single trial.
    """

    values: Values
    trials: tuple[Trial, ...]
    mean: float
    deviation: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a setting stands against the best.

    Parameters
    ----------
    is_worse : bool or None
        Whether it is told from the best; None where nothing can be told as yet.
    more_runs : int or None
        How many more runs of this one and of the best would tell them apart, in four of five cases; None where it is
        told already, or no number would.
    """

    setting: Setting
    is_best: bool
    is_worse: bool | None
    more_runs: int | None = None


@dataclass(frozen=True, slots=True)
class Standings:
    """All settings of a sweep, best first.

    Parameters
    ----------
    repeated : tuple of str
        The arguments that only repeat a setting.
    method : str
        How they were compared, in words.
    """

    repeated: tuple[str, ...]
    rows: tuple[Standing, ...]
    method: str

    def best(self) -> Trial | None:
        """Return the best trial of the best setting."""
        if not self.rows:
            return None
        first = self.rows[0].setting
        return first.trials[0]


@dataclass(frozen=True, slots=True)
class _Family:
    """What the comparison rests on: sizes, the deviation within a setting, its degrees of freedom, shared variance."""

    sizes: tuple[int, ...]
    deviation: float
    freedom: int
    shared: float

    def error(self, one: int, other: int) -> float:
        """Return the standard error of a difference of two means."""
        return self.deviation * math.sqrt(1 / one + 1 / other + 2 * self.shared)


def is_seed(name: str) -> bool:
    """Whether an argument is a seed, by its name."""
    return bool(_SEED.search(name))


def repeated_of(sweep: Sweep) -> tuple[str, ...]:
    """Return which arguments of a sweep only repeat a setting: by their names, and those that vary as seeds do."""
    of_trials = repeated_in(dict.fromkeys(name for trial in sweep.trials for name, _ in trial.values))
    return tuple(dict.fromkeys((*repeated_in_space(sweep.spec.space), *of_trials)))


def repeated_in_space(space: Sequence[Variation]) -> tuple[str, ...]:
    """Return which arguments of a space only repeat a setting: those that vary as seeds do, and by their names."""
    as_seeds = [one.name for one in seeds_of(space)]
    return tuple(dict.fromkeys((*as_seeds, *repeated_in(one.name for one in space))))


def standings_of(sweep: Sweep) -> Standings | None:
    """Compare the settings of a sweep, see `standings`."""
    return standings(sweep.trials, sweep.spec.goal, repeated_of(sweep))


def best_of(sweep: Sweep) -> Trial | None:
    """Return the trial that stands for a sweep; where seeds repeat settings, the best of the one with the best mean."""
    found = standings_of(sweep)
    return found.best() if found is not None else sweep.best()


def repeated_in(names: Iterable[str]) -> tuple[str, ...]:
    """Return which arguments only repeat a setting: seeds and folds, by their names."""
    return tuple(name for name in names if _SEED.search(name) or _FOLD.search(name))


def standings(trials: Sequence[Trial], goal: Goal, repeating: Sequence[str] = ()) -> Standings | None:
    """Compare the settings of a sweep; None where no argument repeats them.

    Parameters
    ----------
    trials : sequence of Trial
        Those without a value are left out.
    repeating : sequence of str
        Arguments that are known to repeat a setting, whatever their names.
    """
    known = [trial for trial in trials if trial.best is not None and math.isfinite(trial.best)]
    names = dict.fromkeys(name for trial in known for name, _ in trial.values)
    by_name = repeated_in(names)
    repeated = tuple(name for name in names if name in by_name or name in repeating)
    if not repeated:
        return None
    sign = 1.0 if goal is Goal.MAXIMIZE else -1.0
    settings = sorted(_settings(known, set(repeated), sign), key=lambda one: -sign * one.mean)
    family, method = _family(settings, repeated)
    if family is None or len(settings) < 2:
        rows = tuple(Standing(one, number == 0, None) for number, one in enumerate(settings))
        return Standings(repeated, rows, method)
    rows = tuple(_standing(number, settings, family, sign) for number in range(len(settings)))
    return Standings(repeated, rows, method)


def _settings(trials: Sequence[Trial], repeated: set[str], sign: float) -> list[Setting]:
    groups: dict[Values, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(tuple((n, v) for n, v in trial.values if n not in repeated), []).append(trial)
    found = []
    for values, members in groups.items():
        numbers = [_value(trial) for trial in members]
        mean = math.fsum(numbers) / len(numbers)
        squares = math.fsum((one - mean) ** 2 for one in numbers)
        deviation = math.sqrt(squares / (len(numbers) - 1)) if len(numbers) > 1 else None
        members.sort(key=lambda trial: -sign * _value(trial))
        found.append(Setting(values, tuple(members), mean, deviation))
    return found


def _value(trial: Trial) -> float:
    return trial.best if trial.best is not None else math.nan


def _family(settings: Sequence[Setting], repeated: Sequence[str]) -> tuple[_Family | None, str]:
    sizes = tuple(len(one.trials) for one in settings)
    shared, folds = _shared_variance(settings, repeated)
    blocks = _blocks(settings, repeated)
    if blocks is not None:
        deviation, freedom, how = *_within_blocks(blocks), f"paired by {' and '.join(repeated)}"
    else:
        freedom = sum(sizes) - len(sizes)
        squares = math.fsum((_value(t) - one.mean) ** 2 for one in settings for t in one.trials)
        deviation, how = math.sqrt(squares / freedom) if freedom else 0.0, "not paired"
    if freedom < 1:
        return None, "One run of each setting tells nothing of chance: run them with more seeds."
    corrected = f", with the correction of Nadeau and Bengio for {folds} folds" if shared else ""
    method = f"Tukey and Kramer's test of all pairs, {how}{corrected}; it errs in at most 5 % of sweeps ({PAPER})"
    return _Family(sizes, deviation, freedom, shared), method


def _shared_variance(settings: Sequence[Setting], repeated: Sequence[str]) -> tuple[float, int]:
    """Return what share of a fold's variance does not go down with their number: folds share their training data."""
    names = [name for name in repeated if _FOLD.search(name)]
    folds = {value for one in settings for trial in one.trials for name, value in trial.values if name in names}
    return (1 / (len(folds) - 1), len(folds)) if names and len(folds) > 1 else (0.0, len(folds))


def _blocks(settings: Sequence[Setting], repeated: Sequence[str]) -> list[list[float]] | None:
    """Return the values by setting and seed, where each setting was tried once with each of the same seeds."""
    rows = []
    for one in settings:
        row = {tuple((n, v) for n, v in trial.values if n in repeated): _value(trial) for trial in one.trials}
        if len(row) != len(one.trials):
            return None
        rows.append(row)
    seeds = set(rows[0]) if rows else set()
    if len(seeds) < 2 or len(rows) < 2 or any(set(row) != seeds for row in rows):
        return None
    order = sorted(seeds, key=repr)
    return [[row[seed] for seed in order] for row in rows]


def _within_blocks(rows: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Return the deviation that neither setting nor seed explains, and its degrees of freedom."""
    count, seeds = len(rows), len(rows[0])
    means = [math.fsum(row) / seeds for row in rows]
    effects = [math.fsum(row[at] for row in rows) / count for at in range(seeds)]
    whole = math.fsum(means) / count
    squares = math.fsum(
        (row[at] - means[number] - effects[at] + whole) ** 2 for number, row in enumerate(rows) for at in range(seeds)
    )
    freedom = (count - 1) * (seeds - 1)
    return math.sqrt(squares / freedom), freedom


def _standing(number: int, settings: Sequence[Setting], family: _Family, sign: float) -> Standing:
    own = settings[number]
    if number == 0:
        return Standing(own, True, False)
    needed = critical(len(settings), family.freedom)
    for other in range(number):
        behind = sign * (settings[other].mean - own.mean)
        # A difference that is nothing but rounding is none.
        tiny = 1e-12 * max(abs(settings[other].mean), abs(own.mean))
        error = family.error(family.sizes[number], family.sizes[other])
        if behind > max(needed * error, tiny):
            return Standing(own, False, True)
    return Standing(own, False, False, _more_runs(sign * (settings[0].mean - own.mean), number, family))


def _more_runs(behind: float, number: int, family: _Family) -> int | None:
    """Return how many more runs of two settings would tell them apart in four of five cases."""
    if behind <= 0 or family.deviation <= 0:
        return None
    size = min(family.sizes[0], family.sizes[number])
    settings = len(family.sizes)

    def is_enough(runs: int) -> bool:
        freedom = max(family.freedom, (settings - 1) * (runs - 1))
        return behind >= (critical(settings, freedom) + POWER_QUANTILE) * family.error(runs, runs)

    low, high = size, size
    while not is_enough(high):
        low, high = high, high * 2
        if high > _MOST_RUNS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return max(1, high - size)


@lru_cache(maxsize=4096)
def critical(settings: int, freedom: int, alpha: float = ALPHA) -> float:
    """Return by how many standard errors of their difference two of so many settings must differ.

    That is the point of the studentized range that chance exceeds with the probability `alpha`, by the square root of
    two.
    """
    low, high = 0.0, 8.0
    while _probability(high, settings, freedom) < 1 - alpha:
        low, high = high, high * 2
    while high - low > 1e-3:
        middle = (low + high) / 2
        if _probability(middle, settings, freedom) < 1 - alpha:
            low = middle
        else:
            high = middle
    return high / math.sqrt(2)


def _probability(bound: float, settings: int, freedom: int) -> float:
    """Return how probable it is that the range of so many means is below `bound` estimated deviations of one."""
    return math.fsum(weight * _range_below(bound * scale, settings) for scale, weight in _scales(freedom))


def _range_below(width: float, settings: int) -> float:
    """Return how probable it is that the range of so many means is below `width` true deviations of one.

    Between the nodes of a grid by a polynomial of the third degree: less than a millionth off. Every number of seeds
    asks for the same nodes, and each of them is an integral.
    """
    place = min(width, _WIDEST) / _NODE
    node = int(place)
    at = place - node
    first, second, third, fourth = (_at_node(node + one, settings) for one in (-1, 0, 1, 2))
    return (
        -first * at * (at - 1) * (at - 2) / 6
        + second * (at * at - 1) * (at - 2) / 2
        - third * at * (at + 1) * (at - 2) / 2
        + fourth * at * (at * at - 1) / 6
    )


@lru_cache(maxsize=1 << 15)
def _at_node(node: int, settings: int) -> float:
    width = node * _NODE
    return settings * math.fsum(
        density * (below - _below(point - width)) ** (settings - 1) for point, density, below in _POINTS
    )


@lru_cache(maxsize=256)
def _scales(freedom: int) -> tuple[tuple[float, float], ...]:
    """Return points and weights of the estimated deviation, by the true one."""
    if freedom > 2000:
        return ((1.0, 1.0),)
    spread = 6 / math.sqrt(2 * freedom)
    low, high, steps = max(1e-6, 1 - spread), 1 + spread, 48
    points = [low + (high - low) * (number + 0.5) / steps for number in range(steps)]
    logs = [(freedom - 1) * math.log(one) - freedom * one * one / 2 for one in points]
    most = max(logs)
    weights = [math.exp(one - most) for one in logs]
    whole = math.fsum(weights)
    return tuple((point, weight / whole) for point, weight in zip(points, weights, strict=True))


def _below(value: float) -> float:
    return 0.5 * math.erfc(-value * 0.7071067811865476)


def _normal_points() -> tuple[tuple[float, float, float], ...]:
    step = 0.2
    points = [number * step for number in range(-30, 31)]
    densities = [step * math.exp(-one * one / 2) / math.sqrt(2 * math.pi) for one in points]
    return tuple((one, density, _below(one)) for one, density in zip(points, densities, strict=True))


_NODE: Final = 1 / 16
_WIDEST: Final = 14.0
"""Hardly any number of means has a wider range."""

_POINTS: Final = _normal_points()
