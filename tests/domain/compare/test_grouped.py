"""Compared runs in groups: by what, mean and deviation within, and which settings can be told apart."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from desktop_aml.domain.compare.grouped import EXPERIMENT, SETTING, grouped, offered, spreads, told_apart
from desktop_aml.domain.compare.runs import ComparedRow, RunComparison, Section
from desktop_aml.domain.runs import RunState, RunSummary
from desktop_aml.domain.summaries.goals import Goal

RUN = RunSummary("a", 1, "e", "first", RunState.COMPLETED, "train.py", "local", "env", 0.0, None, None)


def comparison(losses: tuple[float | None, ...], depths: tuple[str, ...], seeds: tuple[str, ...]) -> RunComparison:
    runs = tuple(replace(RUN, id=f"r{n}", experiment="e" if n < 4 else "f") for n in range(len(losses)))
    rows = (
        ComparedRow(Section.METRICS, "loss", losses),
        ComparedRow(Section.ARGUMENTS, "--depth", depths),
        ComparedRow(Section.ARGUMENTS, "--seed", seeds),
    )
    return RunComparison(runs, rows)


SIX = comparison((1.0, 1.1, 1.2, 5.0, 5.1, 5.2), ("2", "2", "2", "8", "8", "8"), ("1", "2", "3") * 2)


def test_what_makes_groups_of_several_is_offered_a_setting_first() -> None:
    keys = [key for key, _ in offered(SIX)]
    assert keys == [SETTING, EXPERIMENT, "parameter:depth", "parameter:seed"]
    assert [one.display_name for one in grouped(SIX, SETTING)] == ["depth 2", "depth 8"]
    assert [one.places for one in grouped(SIX, "parameter:seed")] == [(0, 3), (1, 4), (2, 5)]
    assert [one.places for one in grouped(SIX, EXPERIMENT)] == [(0, 1, 2, 3), (4, 5)]


def test_equal_numbers_are_one_group_however_they_were_written() -> None:
    found = comparison((1.0, 2.0, 3.0), ("2", "2", "3"), ("1", "1", "1"))
    rows = (*found.rows[:1], ComparedRow(Section.ARGUMENTS, "--depth", ("1e-3", "0.001", None)))
    assert [one.places for one in grouped(replace(found, rows=rows), "parameter:depth")] == [(0, 1), (2,)]


def test_mean_and_deviation_are_of_the_runs_that_have_a_number() -> None:
    found = comparison((1.0, 3.0, math.nan, None), ("2", "2", "2", "8"), ("1", "2", "3", "4"))
    small, large = spreads(found, grouped(found, "parameter:depth"))["loss"]
    assert small is not None
    assert (small.mean, small.deviation, small.count) == (2.0, pytest.approx(math.sqrt(2)), 2)
    assert large is None


def test_settings_that_seeds_repeat_are_told_apart_or_not() -> None:
    found = told_apart(SIX, "loss", Goal.MINIMIZE)
    assert found is not None
    assert [(row.setting.values, row.is_worse) for row in found.rows] == [
        ((("depth", 2),), False),
        ((("depth", 8),), True),
    ]
    close = comparison((1.0, 2.0, 3.0, 1.1, 2.2, 2.8), ("2", "2", "2", "8", "8", "8"), ("1", "2", "3") * 2)
    near = told_apart(close, "loss", Goal.MINIMIZE)
    assert near is not None
    assert [row.is_worse for row in near.rows] == [False, False]
    assert told_apart(comparison((1.0, 2.0), ("2", "8"), ("1", "1")), "loss", Goal.MINIMIZE) is None, "nothing repeats"
    assert told_apart(SIX, "nothing", Goal.MINIMIZE) is None
