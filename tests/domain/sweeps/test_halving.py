"""Successive halving and Hyperband, against a plain reading of their definitions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.halving import bracket, brackets, is_rung
from desktop_aml.domain.sweeps.stopping import parse_rule, verdict

CURVES = st.dictionaries(st.integers(0, 11), st.lists(st.integers(-9, 9), max_size=9), min_size=1)


@given(CURVES, st.sampled_from(Goal), st.integers(0, 11), st.integers(1, 9), st.integers(2, 4), st.integers(1, 3))
def test_one_in_so_many_goes_on_at_each_rung(curves, goal, trial, report, reduction, least):
    rule = parse_rule(f"halving(reduction_factor={reduction}, min_reports={least})")
    came = {number: curve[report - 1] for number, curve in curves.items() if len(curve) >= report}
    expected = False
    if trial in came and report in {least * reduction**n for n in range(6)}:
        good = sorted(came.values(), reverse=goal is Goal.MAXIMIZE)[: max(1, len(came) // reduction)]
        expected = came[trial] not in good
    assert (verdict(rule, goal, curves, trial, report) is not None) is expected


@given(CURVES, st.sampled_from(Goal), st.integers(0, 11), st.integers(1, 9))
def test_hyperband_compares_within_a_bracket_from_its_own_first_rung_on(curves, goal, trial, report):
    rule = parse_rule("hyperband(max_reports=9)")
    own = bracket(trial, 1, 3, 9)
    same = {number: curve for number, curve in curves.items() if bracket(number, 1, 3, 9) == own}
    alone = parse_rule(f"halving(min_reports={3**own})")
    expected = report < 9 and verdict(alone, goal, same, trial, report) is not None
    assert (verdict(rule, goal, curves, trial, report) is not None) is expected


def test_a_trial_alone_goes_on_and_a_worse_one_after_it_does_not():
    rule = parse_rule("halving()")
    assert verdict(rule, Goal.MAXIMIZE, {0: [0.1]}, 0, 1) is None
    found = verdict(rule, Goal.MAXIMIZE, {0: [0.5], 1: [0.4]}, 1, 1)
    assert "halving(reduction_factor=3, min_reports=1)" in str(found)
    assert "0.4 is beyond the bound 0.5" in str(found)


def test_rungs_are_powers_and_brackets_get_more_trials_the_earlier_they_stop():
    assert [n for n in range(1, 90) if is_rung(n, 2, 3)] == [2, 6, 18, 54]
    assert [n for n in range(1, 90) if is_rung(n, 1, 3, 27)] == [1, 3, 9]
    assert brackets(1, 3, 27) == 4 - 1
    counts = [[bracket(n, 1, 3, 27) for n in range(200)].count(one) for one in range(3)]
    assert counts[0] > counts[1] > counts[2] > 10
    # It follows from the number alone, however many there are.
    first = [bracket(n, 1, 3, 27) for n in range(101)]
    assert all(bracket(n, 1, 3, 27) == first[n] for n in (100, 5, 0))


@pytest.mark.parametrize(
    "text", ["halving()", "halving(reduction_factor=4,min_reports=2)", "hyperband(max_reports=81, reduction_factor=2)"]
)
def test_a_rule_is_read_as_it_is_written(text):
    assert parse_rule(str(parse_rule(text))) == parse_rule(text)


@pytest.mark.parametrize(
    "text",
    ["hyperband()", "hyperband(max_reports=1)", "halving(reduction_factor=1)", "halving(min_reports=0)",
     "halving(max_reports=9)", "halving(evaluation_interval=2)", "median(min_reports=1)",
     "halving(reduction_factor=2.5)"],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_rule(text)
