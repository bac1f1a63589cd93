"""Settings of a sweep run again with other seeds: which argument is the seed, and which seeds come next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice, product
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.sweeps.expressions import Value
from desktop_aml.domain.sweeps.records import Sweep, Trial
from desktop_aml.domain.sweeps.space import COMMAND, Values, dashed, seeds_of
from desktop_aml.domain.sweeps.standings import is_seed, repeated_of

MOST_REPEATS: Final = 10_000


def seed_name(sweep: Sweep, fixed: Sequence[str], declared: Iterable[str]) -> str:
    """Return the argument of a script that is its seed.

    Parameters
    ----------
    fixed : sequence of str
        The arguments that all trials have.
    declared : iterable of str
        The names of all arguments of the script.

    Raises
    ------
    InvalidInput
        When no argument is called so.
    """
    for one in seeds_of(sweep.spec.space):
        return one.name
    varied = [one.name for one in sweep.spec.space]
    tried = [name for trial in sweep.trials for name, _ in trial.values]
    given = [word.partition("=")[0] for word in fixed if word.startswith("-")]
    for name in (*repeated_of(sweep), *varied, *tried, *given, *declared):
        if name.startswith("-") and is_seed(name):
            return name
    raise InvalidInput(
        "No argument of this script is called a seed, so it cannot be run again with another one.",
        "Name the argument that is: --seed-argument --my-seed",
    )


def repeats(sweep: Sweep, trials: Sequence[Trial], runs: int, seed: str) -> tuple[Values, ...]:
    """Return what runs of the settings of some trials with further seeds are given.

    Seeds that other settings were run with come first, so that they can be paired; then whole numbers that none has.

    Parameters
    ----------
    runs : int
        How many more runs of each. Where folds repeat a setting, too, each seed is run with each of them.
    seed : str
        The argument that is the seed.

    Raises
    ------
    InvalidInput
        When that is too many, or none.
    """
    if not 1 <= runs * max(1, len(trials)) <= MOST_REPEATS:
        raise InvalidInput(f"The number of runs must be from 1 to {MOST_REPEATS:,}.", "")
    name = dashed(seed.strip())
    aside = {*repeated_of(sweep), name}
    folds = _folds(sweep, aside - {name})
    seeds = runs if folds == [()] else math.ceil(runs / len(folds))
    found: list[Values] = []
    settings = dict.fromkeys(_setting(trial, aside) for trial in trials)
    common = _seeds(sweep, name, [trial for trial in sweep.trials if _setting(trial, aside) in settings])
    for given in islice(common, seeds):
        for setting in settings:
            found += [_with(setting, (*fold, (name, given))) for fold in folds]
    return tuple(found)


def _with(setting: Values, more: Values) -> Values:
    """Add what repeats a setting: before its subcommand, whose own arguments come last."""
    place = next((place for place, (name, _) in enumerate(setting) if name == COMMAND), len(setting))
    return (*setting[:place], *more, *setting[place:])


def _setting(trial: Trial, aside: Iterable[str]) -> Values:
    return tuple((name, value) for name, value in trial.values if name not in aside)


def _folds(sweep: Sweep, names: Iterable[str]) -> list[Values]:
    """Return every combination of what repeats a setting beside the seed; one empty one where nothing does."""
    known = []
    for name in sorted(names):
        values = dict.fromkeys(value for trial in sweep.trials for key, value in trial.values if key == name)
        known.append([(name, value) for value in values])
    return [tuple(one) for one in product(*known)]


def _seeds(sweep: Sweep, name: str, own: Sequence[Trial]) -> Iterator[Value]:
    """Yield seeds that none of the trials `own` had: first those of the others, then the whole numbers."""
    had = {value for trial in own for key, value in trial.values if key == name}
    others = dict.fromkeys(value for trial in sweep.trials for key, value in trial.values if key == name)
    yield from (value for value in others if value not in had)
    yield from (value for value in count() if value not in had and value not in others)
