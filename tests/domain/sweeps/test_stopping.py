"""Stopping rules say what Azure ML's policies say, against a plain reading of their definitions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.stopping import RuleKind, StoppingRule, best_of, parse_rule, verdict

VALUES = st.floats(0.01, 100, allow_nan=False)
CURVES = st.dictionaries(st.integers(0, 9), st.lists(VALUES, max_size=6), min_size=1)
GOALS = st.sampled_from(Goal)


def stops(rule, goal, curves, trial, interval):
    return verdict(rule, goal, curves, trial, interval) is not None


@given(CURVES, GOALS, st.integers(0, 9), st.integers(1, 6), st.floats(0, 3), st.booleans())
def test_a_bandit_cancels_what_is_beyond_its_slack(curves, goal, trial, interval, slack, as_factor):
    rule = StoppingRule(RuleKind.BANDIT, **{"slack_factor" if as_factor else "slack_amount": slack})
    there = {number: curve[:interval] for number, curve in curves.items() if len(curve) >= interval}
    pick = max if goal is Goal.MAXIMIZE else min
    expected = False
    if trial in there:
        best, own = pick(map(pick, there.values())), pick(there[trial])
        if goal is Goal.MAXIMIZE:
            bound = best / (1 + slack) if as_factor else best - slack
            expected = own < bound
        else:
            bound = best * (1 + slack) if as_factor else best + slack
            expected = own > bound
        if math.isclose(own, bound, rel_tol=1e-9):
            return
    assert stops(rule, goal, curves, trial, interval) is expected


@given(CURVES, GOALS, st.integers(0, 9), st.integers(1, 6))
def test_the_median_rule_compares_the_best_with_the_median_of_running_averages(curves, goal, trial, interval):
    there = {number: curve[:interval] for number, curve in curves.items() if len(curve) >= interval}
    expected = False
    if trial in there:
        averages = sorted(sum(curve) / interval for curve in there.values())
        half = len(averages) // 2
        middle = averages[half] if len(averages) % 2 else (averages[half - 1] + averages[half]) / 2
        own = max(there[trial]) if goal is Goal.MAXIMIZE else min(there[trial])
        expected = own < middle if goal is Goal.MAXIMIZE else own > middle
        if math.isclose(own, middle, rel_tol=1e-9):
            return
    assert stops(StoppingRule(RuleKind.MEDIAN), goal, curves, trial, interval) is expected


@given(CURVES, GOALS, st.integers(0, 9), st.integers(1, 6), st.integers(1, 99))
def test_truncation_cancels_the_lowest_part_at_the_interval(curves, goal, trial, interval, percentage):
    at_interval = {number: curve[interval - 1] for number, curve in curves.items() if len(curve) >= interval}
    expected = False
    if trial in at_interval:
        own = at_interval[trial]
        as_bad = [v for v in at_interval.values() if (v <= own if goal is Goal.MAXIMIZE else v >= own)]
        expected = len(as_bad) <= math.floor(len(at_interval) * percentage / 100)
    rule = StoppingRule(RuleKind.TRUNCATION, percentage=percentage)
    assert stops(rule, goal, curves, trial, interval) is expected


@given(st.integers(1, 5), st.integers(0, 12), st.integers(1, 30))
def test_a_rule_applies_at_multiples_from_the_delay_on(every, delay, interval):
    applied = StoppingRule(RuleKind.MEDIAN, every=every, delay=delay).applies_at(interval)
    assert applied is (interval in range(every, 31, every) and interval >= delay)
    rule = StoppingRule(RuleKind.MEDIAN, every=every, delay=delay)
    assert rule.first_interval == next(n for n in range(1, 99) if rule.applies_at(n))


@given(st.dictionaries(st.integers(0, 5), st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1), GOALS)
def test_no_rule_stops_the_best_trial_whatever_the_sign_of_its_values(curves, goal):
    pick = max if goal is Goal.MAXIMIZE else min
    best = pick(curves, key=lambda number: pick(curves[number]))
    assert not stops(StoppingRule(RuleKind.BANDIT, slack_factor=0.1), goal, curves, best, 3)
    last = pick(curves, key=lambda number: curves[number][-1])
    assert not stops(StoppingRule(RuleKind.TRUNCATION, percentage=99), goal, curves, last, 3)


def test_what_is_no_number_is_worse_than_any_and_alone_stops_nothing():
    rule = StoppingRule(RuleKind.BANDIT, slack_amount=1)
    assert stops(rule, Goal.MINIMIZE, {0: [math.nan], 1: [5.0]}, 0, 1)
    assert not stops(rule, Goal.MINIMIZE, {0: [math.nan], 1: [5.0]}, 1, 1)
    assert not stops(rule, Goal.MAXIMIZE, {0: [math.nan], 1: [math.nan]}, 0, 1)
    assert best_of([math.nan, 2.0, 3.0], Goal.MINIMIZE) == 2.0
    assert best_of([math.nan], Goal.MINIMIZE) is None


def test_a_verdict_says_the_rule_and_the_numbers():
    found = verdict(parse_rule("bandit(slack_factor=0.2)"), Goal.MAXIMIZE, {0: [0.8], 1: [0.6]}, 1, 1)
    assert found.bound == pytest.approx(0.8 / 1.2)
    assert "bandit(slack_factor=0.2" in str(found)
    assert "0.6" in str(found)
    assert "0.666667" in str(found)


@pytest.mark.parametrize(
    "text",
    ["bandit(slack_factor=0.1)", "bandit(slack_amount=2,delay_evaluation=3)", "median()", "truncation(percentage=20)"],
)
def test_a_rule_is_read_as_it_is_written(text):
    assert parse_rule(str(parse_rule(text))) == parse_rule(text)
    assert parse_rule("") is parse_rule("none") is None


@pytest.mark.parametrize(
    "text",
    [
        "bandit",
        "bandit(slack_factor=0.1, slack_amount=1)",
        "bandit(slack_factor=-1)",
        "bandit(slack=1)",
        "bandit(slack_factor)",
        "median(slack_factor=1)",
        "median(evaluation_interval=0)",
        "median(evaluation_interval=1.5)",
        "truncation()",
        "truncation(percentage=100)",
        "hope",
        "none(1)",
    ],
)
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_rule(text)


def test_a_rule_says_nothing_between_its_intervals():
    rule = parse_rule("bandit(slack_amount=0, evaluation_interval=2)")
    curves = {0: [1.0, 1.0, 1.0], 1: [0.0, 0.0, 0.0]}
    assert [verdict(rule, Goal.MAXIMIZE, curves, 1, interval) is None for interval in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "first", "looks_at"),
    [
        ("bandit(slack_amount=0, evaluation_interval=3)", 3, [3, 6]),
        ("bandit(slack_amount=0, evaluation_interval=2, delay_evaluation=3)", 4, [4, 6]),
        ("median(delay_evaluation=5)", 5, [5, 6, 7]),
        ("halving(min_reports=2, reduction_factor=2)", 2, [2, 4]),
    ],
)
def test_a_rule_says_when_it_looks_at_a_trial(text, first, looks_at):
    rule = parse_rule(text)
    assert rule.first_interval == first
    assert [interval for interval in range(8) if rule.applies_at(interval)] == looks_at


def test_the_reason_of_a_stop_holds_the_rule_and_both_numbers():
    rule = parse_rule("bandit(slack_amount=0.5)")
    found = verdict(rule, Goal.MAXIMIZE, {0: [2.0], 1: [1.0]}, 1, 1)
    assert str(found) == f"Stopped by {rule} at report 1: 1 is beyond the bound 1.5 (2 trials compared)."
