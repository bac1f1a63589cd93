"""The search by a Gaussian process: nearer to the best than chance, with few trials; the same seed, the same trials."""

from __future__ import annotations

import math
from typing import Any

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.space import Search, check_search, space_of
from desktop_aml.engine.sweeps import gaussian

SPACE = {
    "--C": parse("loguniform(0.001, 1000)"),
    "--kernel": parse("rbf, poly, linear"),
    "--n": parse("integers(1, 30)"),
}
COUNT = 20


def loss_of(values: dict[str, Any]) -> float:
    """Return what is least, 0, at C=10, kernel=rbf and n=7; what is linear runs away."""
    base = {"rbf": 0.0, "poly": 0.5, "linear": 1e300}[values["--kernel"]]
    return float(base + (math.log10(values["--C"]) - 1) ** 2 + 0.1 * abs(values["--n"] - 7))


@pytest.fixture(scope="module")
def tried() -> list[dict[str, Any]]:
    """Trials, one after the other."""
    trials: list[dict[str, Any]] = []
    for place in range(COUNT):
        values = gaussian.propose(SPACE, "minimize", trials, 1, place)
        trials.append({"values": list(values.items()), "state": "COMPLETE", "value": loss_of(values)})
    return trials


def test_few_trials_find_what_is_best_though_some_run_away(tried: list[dict[str, Any]]) -> None:
    first, last = tried[: COUNT // 2], tried[COUNT // 2 :]
    assert min(one["value"] for one in last) < min(0.3, min(one["value"] for one in first))


def test_the_same_seed_proposes_the_same_and_more_is_better_is_only_turned(
    tried: list[dict[str, Any]],
) -> None:
    turned = [{**one, "value": -one["value"]} for one in tried[:-1]]
    assert list(gaussian.propose(SPACE, "maximize", turned, 1, COUNT - 1).items()) == tried[-1]["values"]


def test_trials_side_by_side_and_failed_ones_are_not_tried_again(tried: list[dict[str, Any]]) -> None:
    trials = tried[:10]
    trials[3] = {**trials[3], "state": "FAIL", "value": None}
    for _ in range(3):
        values = gaussian.propose(SPACE, "minimize", trials, 1, len(trials))
        assert list(values.items()) not in [one["values"] for one in trials]
        trials.append({"values": list(values.items()), "state": "RUNNING", "value": None})


def test_what_can_be_counted_is_tried_whole_before_anything_comes_again() -> None:
    space = {"--k": parse("a, b, c, d"), "--n": parse("randint(3)")}
    trials: list[dict[str, Any]] = []
    for place in range(13):
        values = gaussian.propose(space, "minimize", trials, 2, place)
        trials.append({"values": list(values.items()), "state": "COMPLETE", "value": float(values["--n"])})
    # The first are spread evenly, which may repeat one; each one after them is new.
    first = {repr(one["values"]) for one in trials[:6]}
    assert len({repr(one["values"]) for one in trials}) == min(12, len(first) + 7)


def test_trials_of_an_earlier_space_and_without_a_number_are_left_out(tried: list[dict[str, Any]]) -> None:
    odd = {"values": [["--C", 1e9], ["--kernel", "rbf"], ["--n", 3]], "state": "COMPLETE", "value": -5.0}
    none = {"values": [["--C", 1.0], ["--kernel", "rbf"], ["--n", 3]], "state": "COMPLETE", "value": math.nan}
    found = gaussian.propose(SPACE, "minimize", [*tried[:-1], odd, none], 1, COUNT - 1)
    assert list(found.items()) == tried[-1]["values"]


def test_of_very_many_the_best_and_the_latest_are_learned_from() -> None:
    many = [{"value": float(-number % 1000)} for number in range(0, 2000, 3)]
    kept = gaussian.chosen(many, lambda one: float(one["value"]))
    best = sorted(many, key=lambda one: one["value"])[:100]
    assert len(kept) <= 300
    assert all(one in kept for one in [*best, *many[-200:]])


def test_subcommands_are_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="knows no subcommands"):
        check_search(Search.GP, space_of({"svm --C": parse("uniform(0, 1)"), "knn --k": parse("integers(1, 9)")}))
    check_search(Search.GP, space_of({"C": parse("qlognormal(0, 1, 0.5)")}))
