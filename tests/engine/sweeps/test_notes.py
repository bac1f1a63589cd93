"""What a sweep says in its log before its first trial."""

from __future__ import annotations

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.domain.sweeps.stopping import parse_rule
from desktop_aml.engine.sweeps.notes import opening_words


def test_a_sweep_says_what_it_does_in_whole_sentences() -> None:
    spec = SweepSpec(space_of({"--C": parse("1, 2")}), "accuracy", Goal.MAXIMIZE, 4, seed=7, concurrent=2)
    said = list(opening_words(spec, ("--C", "5", "--fast")))
    assert said[0] == "Maximize “accuracy”: at most 4 trials, 2 at once."
    assert said[1].endswith(" The seed is 7.")
    assert said[2:] == [
        "--C from choice(1, 2)",
        "No trial is stopped early.",
        "--C is given by the sweep; its fixed value is left out.",
    ]


def test_a_rule_that_stops_trials_is_named() -> None:
    rule = parse_rule("median(evaluation_interval=1, delay_evaluation=5)")
    spec = SweepSpec(space_of({"--C": parse("1, 2")}), "loss", Goal.MINIMIZE, 4, rule=rule)
    assert f"Trials are stopped early by {rule}." in list(opening_words(spec, ()))
