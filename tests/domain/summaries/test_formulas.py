"""Metrics by a formula: what can be written, what it comes to, and what is refused in words."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.formulas import Name, read

RUN = {
    Name("last", "val/loss"): 3.0,
    Name("last", "loss"): 2.0,
    Name("min", "loss"): 1.0,
    Name("max", "val/loss"): 9.0,
    Name("param", "lr"): 0.5,
    Name("last", "a.b"): 7.0,
}


def value(text: str, lookup: Callable[[Name], float] = lambda name: RUN.get(name, math.nan)) -> float:
    return read("m", text).value(lookup)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"val/loss" - loss', 1.0),
        ("`val/loss` - 'val/loss'", 0.0),
        ("1 + 2 * 3 ^ 2", 19.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ** -1", 0.5),
        ("--3", 3.0),
        ("8 / 2 / 2", 2.0),
        ("(1 + 2) * 3", 9.0),
        ("min.loss + param.lr", 1.5),
        ('max."val/loss" / max(2, 3, loss)', 3.0),
        ("min(loss, 1) + abs(-1) + sqrt(4) + log(1) + log10(100) + exp(0)", 7.0),
        ("a.b", 7.0),
        ("1e-3 * .5e3", 0.5),
    ],
)
def test_it_is_computed_as_one_reads_it(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ["nothing + 1", "1 / 0", "0 ^ -1", "(-1) ^ 0.5", "sqrt(-1)", "log(0)", "exp(9999)", "10 ^ 999", "min(1, missing)"],
)
def test_what_has_no_value_is_no_number_and_no_error(text: str) -> None:
    assert math.isnan(value(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("(1", "ends too early"),
        ("1 2", "not expected at letter 3"),
        ("loss)", "not expected at letter 5"),
        ("val/", "ends too early"),
        ("min.", "ends too early"),
        ("loss..x", "cannot be read"),
        ("1 + §", "cannot be read"),
        ("loss[0]", "cannot be read"),
        ("open(1)", "no function “open”"),
        ("__import__('os')", "no function"),
        ("sqrt(1, 2)", "takes one value"),
        ("max(1)", "takes two values or more"),
        ("max()", "not expected"),
        ('"', "cannot be read"),
        ("lambda: 1", "cannot be read"),
        ("(" * 200 + "1" + ")" * 199, "letters|nested"),
        ("(" * 60 + "1" + ")" * 60, "nested"),
        ("2^" * 100 + "2", "nested"),
        ("1+" * 500 + "1", "letters"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read("m", text)


def test_long_chains_are_read_and_computed() -> None:
    assert value("+".join(["1"] * 190)) == 190
    assert value("-" * 301 + "1") == -1


def test_a_formula_says_what_it_needs_once_and_wants_a_name() -> None:
    assert read("gap", '"val/loss" - loss + loss').names() == (Name("last", "val/loss"), Name("last", "loss"))
    with pytest.raises(InvalidInput, match="no name"):
        read(" ", "1")


def test_a_parameter_of_a_formula_is_found_under_the_name_of_its_option() -> None:
    assert Name("param", "batch_size").given({"batch-size": 1}) == 1
    assert Name("param", "batch_size").given({"batch-size": 1, "batch_size": 2}) == 2
    assert Name("param", "lr").given({}) is None


@pytest.mark.parametrize("text", ["a.", "min.", "a. + 1"])
def test_a_name_that_ends_with_a_dot_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read("m", text)


def test_a_formula_of_numbers_alone_names_nothing() -> None:
    assert read("m", "loss + 2").value(lambda _: 1.0) == 3.0
