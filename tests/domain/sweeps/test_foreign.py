"""A study of another program gets names and a space that a sweep can have."""

from __future__ import annotations

import pytest

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import Value
from desktop_aml.domain.sweeps.foreign import ForeignStudy, ForeignTrial, named, space_of_study
from desktop_aml.domain.sweeps.space import check


def study(
    *given: dict[str, Value | None],
    ranges: dict[str, tuple[float, float, float | None, bool]] | None = None,
    choices: dict[str, tuple[Value | None, ...]] | None = None,
) -> ForeignStudy:
    trials = tuple(ForeignTrial("COMPLETE", 1.0, tuple(one.items())) for one in given)
    return ForeignStudy("study", "loss", Goal.MINIMIZE, trials, ranges or {}, choices or {})


def test_names_become_options_and_none_is_taken_twice() -> None:
    found = named(study({"lr": 1, "a b": 1, "a/b": 1, "2nd": 1, "ä!": 1, "---": 1}))
    assert found == {"lr": "--lr", "a b": "--a-b", "a/b": "--a-b-2", "2nd": "--x2nd", "ä!": "--ä", "---": "--x"}
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("bounds", "tried", "expected"),
    [
        ((1, 8, None, False), 3, "integers(1, 8)"),
        ((1, 8, 1, False), 3, "integers(1, 8)"),
        ((0.0, 1.0, None, False), 0.5, "uniform(0.0, 1.0)"),
        ((0.001, 1.0, None, True), 0.5, "loguniform(0.001, 1.0)"),
        ((0.0, 1.0, None, True), 0.5, "uniform(0.0, 1.0)"),
        ((0.0, 1.0, 0.25, False), 0.5, "quniform(0.0, 1.0, 0.25)"),
        ((0, 10, 2.0, False), 4, "quniform(0, 10, 2)"),
        ((0.5, 0.5, None, False), 0.5, "choice(0.5)"),
    ],
)
def test_a_range_becomes_the_expression_that_means_it(
    bounds: tuple[float, float, float | None, bool], tried: Value, expected: str
) -> None:
    (one,) = space_of_study(study({"x": tried}, ranges={"x": bounds}))
    assert (one.name, str(one.expression)) == ("--x", expected)
    check([one])


def test_choices_are_those_that_were_offered_and_else_those_that_were_tried() -> None:
    offered, tried = space_of_study(study({"a": "x", "b": 1}, {"a": "y", "b": None}, choices={"a": ("x", "y", "z")}))
    assert offered.expression.args == ("x", "y", "z")
    assert tried.expression.args == (1, "None")


def test_trials_that_were_given_nothing_are_a_space_that_can_be_kept() -> None:
    check(space_of_study(study({})))
