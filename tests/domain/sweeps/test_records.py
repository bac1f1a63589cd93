"""What a sweep came to: its best trial, its order, and why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted, no_best_words, total_of
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.domain.sweeps.stopping import parse_rule

SPEC = SweepSpec(space_of({"k": parse("1, 2, 3")}), "accuracy", Goal.MAXIMIZE, 4)


def sweep_of(*bests, goal=Goal.MAXIMIZE, **other):
    trials = tuple(
        Trial(n, f"s_{n}", (), best, int(best is not None), RunState.COMPLETED, started_at=float(n), ended_at=n + 1.0)
        for n, best in enumerate(bests)
    )
    known = {"wanted": Wanted.RUNNING, "state": RunState.RUNNING, "started_at": 0.0, "ended_at": None, **other}
    return Sweep(
        "s", replace(SPEC, goal=goal), display_name="", experiment="e", script="t.py", created_at=0.0, trials=trials,
        **known,
    )  # fmt: skip


def test_the_first_of_the_best_wins_and_those_without_a_value_come_last():
    sweep = sweep_of(None, 0.5, 0.9, 0.9)
    assert sweep.best().number == 2
    assert [trial.number for trial in sweep.ranked()] == [2, 3, 1, 0]
    assert sweep_of(3.0, 1.0, goal=Goal.MINIMIZE).best().number == 1
    assert sweep_of(None).best() is None


def test_the_curve_of_the_best_follows_the_ends_of_trials():
    assert sweep_of(None, 0.5, 0.4, 0.9).best_so_far() == ((2, 0.5), (3, 0.5), (4, 0.9))


def test_the_time_left_follows_the_pace_so_far():
    assert sweep_of(0.1, 0.2).time_left_s(10.0) == pytest.approx(10.0)
    assert sweep_of().time_left_s(10.0) is None


def test_a_wrong_metric_is_told_with_the_nearest_name():
    assert "“Accuracy”?" in no_best_words("accuracy", ("loss", "Accuracy"))
    assert "Did you mean" not in no_best_words("f1", ("Kernel type",))
    assert "nor any other" in no_best_words("f1", ())
    assert "“Accuracy”?" in sweep_of(None, metrics=("Accuracy",)).explanation()
    assert sweep_of(0.5, remark="Time is up.").explanation() == "Time is up."


def test_without_a_best_trial_the_reason_of_the_first_failure_is_told():
    sweep = sweep_of(None, None)
    one, two = sweep.trials
    failed = replace(one, state=RunState.FAILED, error="No such file: a.csv. Save it there.\nmore")
    said = replace(sweep, trials=(failed, replace(two, state=RunState.COMPLETED))).explanation()
    assert said.endswith(f"1 of 2 trials failed, the first, {one.number}, with: No such file: a.csv. Save it there.")
    silent = replace(sweep, trials=(replace(one, state=RunState.FAILED), two)).explanation()
    assert silent.endswith(f"see the log of {one.run_id}")


def test_a_rule_that_never_applied_is_told():
    spec = replace(SPEC, rule=parse_rule("median(evaluation_interval=2, delay_evaluation=5)"))
    over = replace(sweep_of(0.5, state=RunState.COMPLETED), spec=spec)
    assert "report 6" in over.explanation()
    assert "no trial made more than 1" in over.explanation()
    assert replace(over, state=RunState.RUNNING).explanation() == ""


@pytest.mark.parametrize(
    "change", [{"metric": " "}, {"trials": 0}, {"concurrent": 0}, {"time_limit_s": 0.0}, {"space": ()}]
)
def test_a_sweep_that_makes_no_sense_is_refused(change):
    with pytest.raises(InvalidInput):
        replace(SPEC, **change)


def test_a_trial_lasts_from_its_start_to_its_end_or_to_now():
    waiting = Trial(0, "s_0", (), None, 0, RunState.QUEUED)
    assert waiting.duration_s(10.0) is None
    assert replace(waiting, started_at=4.0).duration_s(10.0) == 6.0
    assert replace(waiting, started_at=4.0, ended_at=5.0).duration_s(10.0) == 1.0


def test_a_rule_that_had_its_say_needs_no_explanation():
    spec = replace(SPEC, rule=parse_rule("bandit(slack_factor=0.1)"))
    ended = replace(sweep_of(0.5, 0.9), spec=spec, state=RunState.COMPLETED)
    assert ended.explanation() == ""
    late = replace(ended, spec=replace(spec, rule=parse_rule("bandit(slack_factor=0.1, delay_evaluation=9)")))
    assert "never applied" in late.explanation()


@pytest.mark.parametrize(
    ("state", "exhausted", "total"),
    [(RunState.RUNNING, False, 4), (RunState.RUNNING, True, 3), (RunState.COMPLETED, False, 1)],
)
def test_how_many_trials_there_will_be_follows_from_what_is_planned(state, exhausted, total):
    assert total_of(SPEC, state, made=1, planned=2, exhausted=exhausted) == total


def test_a_sweep_whose_search_cannot_search_its_space_is_refused() -> None:
    space = space_of({"seed": parse("seeds(3)")})
    with pytest.raises(InvalidInput, match="Nothing but seeds"):
        SweepSpec(space, "accuracy", Goal.MAXIMIZE, 4, search=Search.TPE)
