"""Settings are told apart as often as they differ, and hardly ever when they do not."""

from __future__ import annotations

import os
from random import Random

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.records import Trial
from desktop_aml.domain.sweeps.standings import Standings, critical, repeated_in, standings

WHOLE = bool(os.environ.get("WHOLE"))
SWEEPS = 2000 if WHOLE else 150
"""How many are simulated; the whole number is for the campaign."""


def trials_of(values: dict[str, list[float]], *, argument: str = "--seed") -> list[Trial]:
    """Return a sweep in which each setting was tried with the seeds 0, 1 …"""
    return [
        Trial(0, f"run_{name}_{seed}", (("--kind", name), (argument, seed)), best=value, state=RunState.COMPLETED)
        for name, several in values.items()
        for seed, value in enumerate(several)
    ]


def drawn(random: Random, means: list[float], seeds: int, *, shared: float = 0.0) -> Standings:
    effects = [random.gauss(0, shared) for _ in range(seeds)]
    values = {f"k{n}": [random.gauss(mean, 1) + one for one in effects] for n, mean in enumerate(means)}
    found = standings(trials_of(values), Goal.MAXIMIZE)
    assert found is not None
    return found


# Of the printed tables of the studentized range, 5 %: settings, degrees of freedom.
@pytest.mark.parametrize(
    ("settings", "freedom", "wanted"), [(2, 10, 3.15), (3, 10, 3.88), (5, 20, 4.23), (10, 60, 4.65), (5, 9999, 3.86)]
)
def test_the_critical_values_are_those_of_the_tables(settings: int, freedom: int, wanted: float) -> None:
    assert critical(settings, freedom, 0.05) * 2**0.5 == pytest.approx(wanted, abs=0.012)


@pytest.mark.parametrize(("settings", "shared"), [(2, 0.0), (5, 0.0), (5, 3.0), (50, 0.0)])
def test_without_a_difference_at_most_one_sweep_in_twenty_claims_one(settings: int, shared: float) -> None:
    random, count = Random(5), SWEEPS if WHOLE or settings < 50 else SWEEPS // 3
    claims = sum(
        any(row.is_worse for row in drawn(random, [0.0] * settings, 5, shared=shared).rows) for _ in range(count)
    )
    # The whole number keeps to 5 % as it is counted; a few sweeps alone may be off by three standard errors.
    assert claims / count <= 0.05 + (0 if WHOLE else 3 * (0.05 * 0.95 / count) ** 0.5)


@pytest.mark.parametrize("settings", [2, 5, 10])
def test_a_difference_of_one_and_a_half_deviations_is_found_with_ten_seeds(settings: int) -> None:
    random, count = Random(7), SWEEPS
    found = sum(
        any(row.is_worse for row in drawn(random, [1.5] + [0.0] * (settings - 1), 10).rows) for _ in range(count)
    )
    assert found / count >= 0.80 - (0 if WHOLE else 3 * (0.8 * 0.2 / count) ** 0.5)


def test_as_many_seeds_as_are_foretold_tell_two_settings_apart_four_times_in_five() -> None:
    random = Random(11)
    loose = standings(trials_of({"a": [0.8, -0.6, 1.9, 0.4], "b": [0.5, -0.9, 0.9, 0.6]}), Goal.MAXIMIZE)
    assert loose is not None
    assert loose.rows[1].more_runs is not None
    needed = loose.rows[1].more_runs + 4
    difference = loose.rows[0].setting.mean - loose.rows[1].setting.mean
    means = [difference / _deviation_within(loose), 0.0]
    fewer, more = (
        sum(bool(drawn(random, means, seeds).rows[1].is_worse) for _ in range(SWEEPS)) / SWEEPS
        for seeds in (round(needed * 0.8), round(needed * 1.2))
    )
    spare = 3 * (0.8 * 0.2 / SWEEPS) ** 0.5
    assert fewer <= 0.8 + spare
    assert more >= 0.8 - spare


def _deviation_within(found: Standings) -> float:
    by_seed = [{dict(t.values)["--seed"]: t.best or 0.0 for t in row.setting.trials} for row in found.rows]
    gaps = [by_seed[0][seed] - by_seed[1][seed] for seed in by_seed[0]]
    mean = sum(gaps) / len(gaps)
    return float((sum((one - mean) ** 2 for one in gaps) / (len(gaps) - 1) / 2) ** 0.5)


def test_settings_are_paired_by_their_seeds() -> None:
    hard = [10.0, -4.0, 7.0, 1.0, -9.0]
    values = {
        "a": [one + 1.0 for one in hard],
        "b": [one + off for one, off in zip(hard, (0.1, -0.1, 0, 0.1, -0.1), strict=True)],
    }
    found = standings(trials_of(values), Goal.MAXIMIZE)
    assert found is not None
    assert "paired by --seed" in found.method
    assert found.rows[1].is_worse
    values["b"].append(3.0)
    loose = standings(trials_of(values), Goal.MAXIMIZE)
    assert loose is not None
    assert "not paired" in loose.method
    assert not loose.rows[1].is_worse


def test_folds_are_corrected_for_the_data_that_they_share() -> None:
    values = {"a": [1.0, 1.2, 0.9, 1.1, 1.0], "b": [0.8, 1.05, 0.85, 0.8, 0.9]}
    seeds, folds = (standings(trials_of(values, argument=name), Goal.MAXIMIZE) for name in ("--seed", "--fold"))
    assert seeds is not None
    assert folds is not None
    assert seeds.rows[1].is_worse
    assert not folds.rows[1].is_worse
    assert "Nadeau and Bengio for 5 folds" in folds.method


def test_several_seeds_of_one_setting_are_one_row() -> None:
    found = standings(trials_of({"a": [1.0, 3.0], "b": [0.0, 1.0, 5.0]}), Goal.MINIMIZE)
    assert found is not None
    rows = [(row.setting.values, len(row.setting.trials), row.setting.mean) for row in found.rows]
    assert rows == [((("--kind", "a"),), 2, 2.0), ((("--kind", "b"),), 3, 2.0)]
    assert found.rows[0].setting.deviation == pytest.approx(2**0.5)
    best = found.best()
    assert best is not None
    assert best.best == 1.0


def test_one_run_of_each_tells_nothing() -> None:
    found = standings(trials_of({"a": [1.0], "b": [5.0]}), Goal.MAXIMIZE)
    assert found is not None
    assert [row.is_worse for row in found.rows] == [None, None]
    assert "more seeds" in found.method


def test_metrics_without_any_chance_are_told_apart_by_any_difference() -> None:
    found = standings(trials_of({"a": [1.0, 1.0], "b": [0.9, 0.9], "c": [1.0, 1.0]}), Goal.MAXIMIZE)
    assert found is not None
    assert {row.setting.values[0][1]: row.is_worse for row in found.rows} == {"a": False, "b": True, "c": False}


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("--seed", True), ("--random-state", True), ("--data_seed", True), ("--fold", True), ("--seedling", False),
     ("--unfolded", False), ("--C", False), ("--cv-fold", True)],
)  # fmt: skip
def test_what_repeats_is_known_by_its_name(name: str, is_one: bool) -> None:
    assert bool(repeated_in([name])) is is_one


def test_a_sweep_without_seeds_has_no_standings() -> None:
    assert standings([Trial(0, "r", (("--C", 1.0),), best=1.0)], Goal.MAXIMIZE) is None


def test_the_best_trial_is_one_of_the_best_setting():
    found = standings(trials_of({"a": [1.0, 2.0], "b": [5.0, 6.0]}), Goal.MAXIMIZE)
    assert found is not None
    assert found.best() in found.rows[0].setting.trials
    assert dict(found.best().values)["--kind"] == "b"
    assert Standings((), (), "").best() is None
