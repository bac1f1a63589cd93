"""Runs side by side."""

from __future__ import annotations

import math

import pytest

from desktop_aml.domain.compare.code import changed_lines
from desktop_aml.domain.compare.runs import ComparedRow, ComparedRun, Section, compare
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.parameters import Parameter, ParameterSource, of_arguments
from desktop_aml.domain.runs import RunDetail, RunState, RunSummary


def run(name: str, *arguments: str, metrics: dict[str, Scalar] | None = None, **more: object) -> ComparedRun:
    summary = RunSummary(name, 1, "iris", name, RunState.COMPLETED, "train.py", "local", "this-python", 1.0, 2.0, 4.56)
    more.setdefault("parameters", of_arguments(arguments))
    detail = RunDetail(summary, arguments, (), "/source", "/run", None, "", "3.11.7", None, **more)  # type: ignore[arg-type]
    return ComparedRun(detail, metrics or {})


def test_every_name_of_any_run_has_a_row_with_a_value_of_each() -> None:
    found = compare(
        [
            run("a", "--rate", "1", metrics={"loss": 0.5}, tags={"owner": "me", "new": ""}),
            run("b", "--fast", metrics={"accuracy": 1.0, "loss": math.nan}, tags={"owner": "me"}),
        ],
        now=10.0,
    )
    rows = {(row.section, row.name): row for row in found.rows}
    assert [one.id for one in found.runs] == ["a", "b"]
    assert rows[Section.METRICS, "loss"].values[0] == 0.5
    assert rows[Section.METRICS, "accuracy"].values == (None, 1.0)
    assert rows[Section.ARGUMENTS, "rate"].values == ("1", None)
    assert rows[Section.RUN, "Duration (s)"].values == (2.6, 2.6)
    assert rows[Section.TAGS, "new"].values == ("(set)", None)
    assert [row.name for row in found.rows if row.differs()] == ["loss", "accuracy", "rate", "fast", "new"]


@pytest.mark.parametrize(
    ("values", "differs"),
    [((1, 1.0), False), ((math.nan, math.nan), False), ((math.nan, 1), True), ((None, ""), True), (("a", "a"), False)],
)
def test_values_differ_when_a_person_would_say_so(values: tuple[Scalar, ...], differs: bool) -> None:
    assert ComparedRow(Section.METRICS, "x", values).differs() is differs


def test_lines_of_code_that_differ_come_with_the_lines_around_them() -> None:
    assert changed_lines("a\nb\nc\n", "a\nB\nc\n") == ("@@ -1,3 +1,3 @@", " a", "-b", "+B", " c")
    assert changed_lines("same\n", "same\n") == ()


def test_arguments_and_parameters_that_mean_the_same_number_do_not_differ() -> None:
    for section in (Section.ARGUMENTS, Section.PARAMETERS):
        assert not ComparedRow(section, "--C", ("1", "1.0")).differs()
        assert ComparedRow(section, "--C", ("1", "1.01")).differs()
    assert ComparedRow(Section.TAGS, "release", ("1", "1.0")).differs()


def test_what_the_script_logged_comes_before_what_was_captured_under_the_same_name() -> None:
    source = ParameterSource
    parameters = (
        Parameter("lr", "0.5", source.CAPTURED),
        Parameter("lr", "0.1", source.LOGGED),
        Parameter("C", "2", source.CAPTURED),
    )
    found = compare([run("a", parameters=parameters), run("b")], now=10.0)
    values = {row.name: row.values[0] for row in found.rows}
    assert (values["lr"], values["C"]) == ("0.1", "2")
