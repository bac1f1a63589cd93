"""Rules before promotion are read as people write them, and checked against what is known."""

from __future__ import annotations

import math

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.goals import goal_of
from desktop_aml.domain.summaries.model_signatures import ModelSignature
from desktop_aml.domain.summaries.promotion import CURRENT, Known, check, read_rule, unclear

SIGNED = ModelSignature((("age", "double"),), (("", "long"),))
OLD = Known(1, {"accuracy": 0.9, "loss": 0.3, "f1": 0.5, "odd": "text"}, SIGNED, "ScikitLearn 1.5", "iris:1")
NEW = Known(
    2, {"accuracy": 0.91, "loss": 0.4, "f1": 0.5, "val loss": 1}, SIGNED, "ScikitLearn 1.5", "iris:2", {"ok": "yes"}
)


def holds(rule: str, candidate: Known = NEW, others: dict[str, Known] | None = None) -> list[bool]:
    known = {"champion": OLD, CURRENT: OLD} if others is None else others
    return [check(one, candidate, known.get, goal_of, "champion").holds for one in read_rule(rule)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("accuracy not worse than champion", [True]),
        ("accuracy not worse than the champion's, schema unchanged", [True, True]),
        ("Accuracy better than champion", [False]),
        ("accuracy is better than champion by 0.005 and loss not worse than champion by 0.2", [True, True]),
        ("accuracy better than champion by 0.02", [False]),
        ("loss not worse than current", [False]),
        ("f1 not worse than current; f1 better than current", [True, False]),
        ("accuracy >= 0.91, accuracy > .91, loss<4e-1, loss <= 0.4, accuracy = 0.91", [True, False, False, True, True]),
        ("loss <= champion, accuracy > champion", [False, True]),
        ('"val loss" < 2', [True]),
        ("tag ok = yes, tag ok=no, tag who = Ann", [True, False, False]),
        ("framework unchanged, environment unchanged from champion", [True, False]),
        ("accuracy not worse than chanpion", [False]),
        ("odd < 3, gone < 3", [False, False]),
    ],
)
def test_a_rule_means_what_it_says(rule: str, expected: list[bool]) -> None:
    assert holds(rule) == expected


def test_the_first_version_is_compared_with_nobody_but_has_what_is_asked_for() -> None:
    assert holds("accuracy not worse than champion, signature unchanged", others={}) == [True, True]
    assert holds("precision not worse than champion", others={}) == [False]
    assert holds("accuracy not worse than other", others={}) == [False]


@pytest.mark.parametrize("value", [math.nan, None, True, "0.95"])
def test_what_is_no_number_keeps_no_rule(value: object) -> None:
    odd = Known(3, {"accuracy": value})  # type: ignore[dict-item]
    assert holds("accuracy not worse than champion, accuracy > 0", odd) == [False, False]
    assert holds("accuracy not worse than champion", NEW, {"champion": odd}) == [False]


def test_two_that_are_equally_infinite_are_not_worse_and_not_better() -> None:
    endless = Known(1, {"accuracy": math.inf})
    assert holds("accuracy not worse than current, accuracy better than current", endless, {CURRENT: endless}) == [
        True,
        False,
    ]


def test_a_model_without_a_run_or_a_signature_is_told_so() -> None:
    found = [
        check(one, Known(3), lambda _: OLD, goal_of, "champion") for one in read_rule("loss < 1, signature unchanged")
    ]
    assert [one.holds for one in found] == [False, False]
    assert "no run" in found[0].words
    assert "no signature" in found[1].words


def test_two_without_a_signature_are_said_to_have_none() -> None:
    (found,) = [
        check(one, Known(3), lambda _: Known(1), goal_of, "champion") for one in read_rule("signature unchanged")
    ]
    assert (found.holds, found.words) == (True, "neither it nor version 1 says of a signature")


@pytest.mark.parametrize(
    "rule", ["", " , ", "accuracy", "accuracy is fine", "not worse than champion", "a < b < c", "x" * 3000]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(InvalidInput):
        read_rule(rule)


def test_a_metric_whose_better_side_nothing_tells_is_named() -> None:
    assert unclear(read_rule("loss better than current, rows not worse than current"), goal_of) == "rows"
    assert unclear(read_rule("loss better than current, rows >= current"), goal_of) == ""


def test_a_number_that_is_too_large_keeps_no_rule() -> None:
    assert holds("accuracy > 0", Known(3, {"accuracy": 10**400})) == [False]


def test_where_nothing_tells_which_side_is_better_no_rule_is_kept() -> None:
    (rule,) = read_rule("accuracy better than champion")
    found = check(rule, NEW, {"champion": OLD}.get, lambda _: None, "champion")
    assert (found.holds, "nothing tells" in found.words) == (False, True)
