"""Expressions are read, refused in words, and draw from the distribution that they name."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.sweeps.expressions import Expression, from_azure, parse

FINITE = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


@pytest.mark.parametrize(
    ("text", "kind", "args"),
    [
        ("loguniform(0.01,100)", "loguniform", (0.01, 100)),
        ("choice(linear, rbf)", "choice", ("linear", "rbf")),
        ("linear, rbf", "choice", ("linear", "rbf")),
        ("choice(1, 2.5, 1e-3, -4)", "choice", (1, 2.5, 1e-3, -4)),
        ("choice('a, b', \"it's\", 'it\\'s 2', '')", "choice", ("a, b", "it's", "it's 2", "")),
        ("choice('1', 1)", "choice", ("1", 1)),
        ("choice(007, 1_000, nan, None, True)", "choice", ("007", "1_000", "nan", "None", "True")),
        ("quniform(0, 1, 0.1)", "quniform", (0, 1, 0.1)),
        ("choice(one(two))", "choice", ("one(two)",)),
    ],
)
def test_an_expression_is_read_and_comes_back_as_it_is_written(text, kind, args):
    found = parse(text)
    assert (found.kind, found.args) == (kind, args)
    assert list(map(type, found.args)) == list(map(type, args))
    assert parse(str(found)) == found


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(-99, 99), FINITE), min_size=1, unique_by=repr))
def test_any_choice_comes_back_as_it_is_written(options):
    found = parse(str(Expression("choice", tuple(options))))
    assert found.args == tuple(options)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "choice()",
        "choice(a, a)",
        "choice(a,)",
        "uniform(1)",
        "uniform(2, 1)",
        "uniform(a, b)",
        "uniform(0, 1e400)",
        "loguniform(0, 1)",
        "loguniform(-1, 1)",
        "normal(0, 0)",
        "randint(0)",
        "randint(1.5)",
        "integers(3, 2)",
        "quniform(0, 1, 0)",
        "gaussian(0, 1)",
        "choice('a' b)",
    ],
)
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(InvalidInput):
        parse(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("choice()", "Write for example: choice(linear, rbf)"),
        ("choice(a, a)", "Name each value once."),
        ("uniform(2, 1)", "Write the lower bound first."),
        ("integers(3, 2)", "Write the lowest number first."),
    ],
)
def test_what_is_refused_comes_with_what_to_write(text, hint):
    with pytest.raises(InvalidInput) as refused:
        parse(text)
    assert refused.value.hint == hint


def _draws(expression: Expression, count: int = 10_000) -> list[float]:
    random = Random(7)
    return [float(expression.draw(random)) for _ in range(count)]


@pytest.mark.parametrize(
    ("expression", "distribution"),
    [
        (Expression("uniform", (-2, 3)), stats.uniform(-2, 5)),
        (Expression("loguniform", (0.01, 100)), stats.loguniform(0.01, 100)),
        (Expression("normal", (3, 2)), stats.norm(3, 2)),
        (Expression("lognormal", (0.5, 0.7)), stats.lognorm(0.7, scale=math.exp(0.5))),
        (from_azure("loguniform", (-3, 2)), stats.loguniform(math.exp(-3), math.exp(2))),
    ],
)
def test_ten_thousand_draws_follow_the_distribution(expression, distribution):
    assert stats.kstest(_draws(expression), distribution.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        (Expression("quniform", (1, 10, 2)), stats.uniform(1, 9)),
        (Expression("qloguniform", (1, 100, 3)), stats.loguniform(1, 100)),
        (Expression("qnormal", (0, 5, 2)), stats.norm(0, 5)),
        (Expression("qlognormal", (1, 1, 2)), stats.lognorm(1, scale=math.e)),
    ],
)
def test_steps_are_the_nearest_multiples_of_what_is_drawn(expression, plain):
    drawn, step = _draws(expression), expression.args[2]
    assert all(value % step == 0 for value in drawn)
    assert all(isinstance(expression.draw(Random(n)), int) for n in range(20))
    for value in set(drawn):
        expected = plain.cdf(value + step / 2) - plain.cdf(value - step / 2)
        assert drawn.count(value) / len(drawn) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    "expression", [Expression("choice", tuple("abcde")), Expression("randint", (6,)), Expression("integers", (-2, 3))]
)
def test_what_can_be_counted_is_drawn_evenly(expression):
    random = Random(3)
    drawn = [expression.draw(random) for _ in range(10_000)]
    values = [expression.value_at(index) for index in range(expression.size)]
    assert set(drawn) == set(values)
    assert stats.chisquare([drawn.count(value) for value in values]).pvalue > 0.001


@given(st.floats(1e-12, 1e12), st.floats(1.0001, 1e6), st.integers())
def test_a_logarithmic_draw_stays_within_its_bounds(low, factor, seed):
    expression = Expression("loguniform", (low, low * factor))
    assert low <= expression.draw(Random(seed)) <= low * factor


def test_exponents_of_azure_become_bounds_and_too_large_ones_are_refused():
    assert from_azure("loguniform", (math.log(0.01), math.log(100))).args == pytest.approx((0.01, 100))
    assert from_azure("uniform", (1, 2)) == Expression("uniform", (1, 2))
    with pytest.raises(InvalidInput, match="exponents"):
        from_azure("loguniform", (1, 1000))


def test_fractional_steps_are_written_without_noise():
    assert {Expression("quniform", (0, 1, 0.1)).draw(Random(n)) for n in range(200)} == {n / 10 for n in range(11)}


def test_azure_ml_lets_a_value_be_named_twice():
    assert from_azure("choice", [1, 1.0, "1", 1]) == Expression("choice", (1, 1.0, "1"))


def test_values_of_a_range_of_numbers_are_not_counted():
    with pytest.raises(InvalidInput, match="cannot be counted"):
        parse("uniform(0, 1)").value_at(0)


def test_a_value_too_large_for_a_number_is_infinite_as_in_numpy():
    assert parse("lognormal(1000, 0.001)").draw(Random(1)) == math.inf


@pytest.mark.parametrize(
    "text",
    [
        "uniform(-5, 7.5)", "loguniform(0.001, 1000)", "normal(3, 2)", "lognormal(0, 1.5)", "integers(-3, 12)",
        "randint(7)", "choice(1, '1', rbf)", "quniform(0, 1, 0.3)", "qloguniform(1, 100, 5)", "qnormal(0, 3, 2)",
        "qlognormal(0, 1, 0.5)",
    ],
)  # fmt: skip
@given(share=st.floats(0.001, 0.999))
def test_the_share_of_a_value_leads_back_to_it(text: str, share: float) -> None:
    one = parse(text)
    value = one.at_share(share)
    back = one.share_of(value)
    assert back is not None
    if one.kind.startswith("q") or one.size is not None:
        assert 0 < back < 1
    else:
        assert back == pytest.approx(share, abs=1e-6)
    if one.kind in {"integers", "randint", "choice"}:
        assert one.at_share(back) == value


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("uniform(0, 1)", 1.5), ("uniform(0, 1)", "0.5"), ("integers(1, 5)", 2.5), ("integers(1, 5)", 6),
        ("randint(3)", True), ("choice(1, 2)", "1"), ("loguniform(1, 9)", -2), ("normal(0, 1)", math.nan),
    ],
)  # fmt: skip
def test_what_is_never_drawn_has_no_share(text: str, never: object) -> None:
    assert parse(text).share_of(never) is None


def test_a_whole_number_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is greater than"):
        parse("integers(5, 2)")
