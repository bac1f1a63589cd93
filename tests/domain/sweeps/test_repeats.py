"""What follows a sweep: its settings with further seeds, and a space around its best."""

from __future__ import annotations

import pytest

from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.narrowing import narrowed
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.repeats import repeats, seed_name
from desktop_aml.domain.sweeps.space import Values, space_of


def sweep_of(space: dict[str, str], trials: list[tuple[Values, float | None]]) -> Sweep:
    spec = SweepSpec(space_of({name: parse(how) for name, how in space.items()}), "m", Goal.MAXIMIZE, trials=50)
    made = tuple(Trial(n, f"s_{n}", values, best=best) for n, (values, best) in enumerate(trials))
    return Sweep("s", spec, Wanted.RUNNING, RunState.COMPLETED, "", "", "", 0.0, 0.0, 1.0, trials=made)


def test_further_seeds_are_those_that_others_had_then_new_ones() -> None:
    sweep = sweep_of(
        {"--C": "1,2", "--seed": "choice(7, 3)"},
        [((("--C", 1), ("--seed", 7)), 0.5), ((("--C", 2), ("--seed", 7)), 0.4), ((("--C", 2), ("--seed", 3)), 0.6)],
    )
    given = repeats(sweep, [sweep.trials[0]], 3, "--seed")
    assert given == tuple((("--C", 1), ("--seed", seed)) for seed in (3, 0, 1))


def test_two_settings_get_the_same_seeds_so_that_they_can_be_paired() -> None:
    sweep = sweep_of({"--C": "1,2"}, [((("--C", 1),), 0.5), ((("--C", 2),), 0.4)])
    assert repeats(sweep, sweep.trials, 2, "seed") == (
        *((("--C", c), ("--seed", 0)) for c in (1, 2)),
        *((("--C", c), ("--seed", 1)) for c in (1, 2)),
    )


def test_each_further_seed_is_run_with_each_fold() -> None:
    sweep = sweep_of({"--C": "1", "--fold": "0,1"}, [((("--C", 1), ("--fold", fold)), 0.5) for fold in (0, 1)])
    given = repeats(sweep, [sweep.trials[0]], 3, "--seed")
    assert given == tuple((("--C", 1), ("--fold", fold), ("--seed", seed)) for seed in (0, 1) for fold in (0, 1))


def test_the_seed_is_found_in_the_sweep_then_in_the_script() -> None:
    sweep = sweep_of({"--C": "1,2"}, [])
    assert seed_name(sweep, ("--a", "--random-state=5"), ("--seed",)) == "--random-state"
    assert seed_name(sweep, (), ("data", "--kernel", "--seed")) == "--seed"
    assert seed_name(sweep_of({"--C": "1,2", "--trial": "seeds(3)"}, []), (), ("--seed",)) == "--trial"
    with pytest.raises(InvalidInput, match="called a seed"):
        seed_name(sweep, ("--a", "seed"), ("seed", "--kernel"))


@pytest.mark.parametrize("runs", [0, 10_001])
def test_no_number_of_runs_that_makes_no_sense(runs: int) -> None:
    sweep = sweep_of({"--C": "1,2"}, [((("--C", 1),), 0.5)])
    with pytest.raises(InvalidInput, match="number of runs"):
        repeats(sweep, sweep.trials, runs, "--seed")


@pytest.mark.parametrize(
    ("how", "best", "wanted"),
    [
        ("uniform(0, 1)", 0.5, "uniform(0.25, 0.75)"),
        ("uniform(0, 1)", 0.9, "uniform(0.5, 1.0)"),
        ("loguniform(0.01, 100)", 1.0, "loguniform(0.1, 10.0)"),
        ("loguniform(0.01, 100)", 0.01, "loguniform(0.01, 1.0)"),
        ("quniform(0, 100, 5)", 50, "quniform(25.0, 75.0, 5)"),
        ("integers(1, 100)", 2, "integers(1, 27)"),
        ("randint(10)", 9, "integers(6, 9)"),
        ("integers(3, 4)", 3, "integers(3, 4)"),
        ("normal(0, 2)", 1.5, "normal(1.5, 1.0)"),
        ("lognormal(0, 2)", 1.0, "lognormal(0.0, 1.0)"),
        ("choice(a, b, c)", "b", "choice(b)"),
    ],
)
def test_a_space_is_half_as_wide_around_the_best_and_within_its_bounds(
    how: str, best: str | float, wanted: str
) -> None:
    sweep = sweep_of({"--C": how}, [((("--C", best),), 0.5)])
    assert str(narrowed(sweep)[0].expression) == wanted


def test_a_choice_keeps_what_good_trials_had_and_seeds_stay() -> None:
    sweep = sweep_of(
        {"--kind": "a, b, c", "--seed": "1, 2"},
        [((("--kind", kind), ("--seed", 1)), value) for kind, value in zip("abcabcab", range(8), strict=True)],
    )
    assert [str(one.expression) for one in narrowed(sweep)] == ["choice(a, b)", "choice(1, 2)"]


def test_nothing_is_narrowed_around_nothing() -> None:
    with pytest.raises(NotFound, match="no best trial"):
        narrowed(sweep_of({"--C": "1,2"}, [((("--C", 1),), None)]))


def test_a_further_seed_stands_before_a_subcommand_and_a_space_is_narrowed_within_it() -> None:
    sweep = sweep_of(
        {"svm --C": "uniform(0, 4)", "forest --C": "uniform(0, 4)"},
        [((("command", "svm"), ("--C", 1.0)), 0.9), ((("command", "forest"), ("--C", 3.0)), 0.1)],
    )
    assert repeats(sweep, [sweep.trials[0]], 1, "--seed") == ((("--seed", 0), ("command", "svm"), ("--C", 1.0)),)
    assert [str(one.expression) for one in narrowed(sweep)] == ["uniform(0.0, 2.0)", "uniform(0, 4)"]


@pytest.mark.parametrize(
    ("how", "best", "wanted"),
    [
        ("uniform(0, 4)", "text", "uniform(0, 4)"),
        ("lognormal(0.5, 2)", 0.0, "lognormal(0.5, 1.0)"),
        ("normal(0.5, 2)", 4.0, "normal(4.0, 1.0)"),
        ("seeds(3)", 1, "seeds(3)"),
    ],
)
def test_what_cannot_be_narrowed_stays(how: str, best: str | float, wanted: str) -> None:
    sweep = sweep_of({"--C": how, "--kind": "a"}, [((("--C", best), ("--kind", "a")), 0.5)])
    assert str(narrowed(sweep)[0].expression) == wanted
