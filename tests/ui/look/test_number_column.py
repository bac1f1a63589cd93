"""Numbers of one column have the same decimals, and none loses what it says for it."""

from __future__ import annotations

import math
import random

import pytest

from desktop_aml.ui.look.number_column import NumberColumn, in_one_form


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((0.05, 0.0125), ["0.0500", "0.0125"]),
        ((1.13, 1.094, 1.25), ["1.130", "1.094", "1.250"]),
        ((12.345678, 0.98765432), ["12.3457", "0.9877"]),
        ((1, 0.5), ["1.0", "0.5"]),
        ((3.0, 4.0), ["3", "4"]),
        ((1e-3, 1e-5), ["0.00100", "0.00001"]),
        ((3.2e-9, 1.25e-8), ["3.20e-09", "1.25e-08"]),
        ((0.5, 0.25, 1.2e30), ["0.50", "0.25", "1.200e+30"]),
        ((0.5, 0.25, 1.2e-12), ["0.50", "0.25", "1.200e-12"]),
        ((-0.125, 0.0, 7), ["-0.125", "0.000", "7.000"]),
        ((0.5, math.nan, -math.inf, None, "rbf", True), ["0.5", "NaN", "-∞", "–", "rbf", "True"]),
        ((5, 17), ["5", "17"]),
        ((1e9, 2e9), ["1e+09", "2e+09"]),
        ((123456.7, 0.1234), ["123456.700", "0.123"]),
        ((), []),
    ],
)
def test_numbers_of_a_column_have_the_same_decimals(values, texts):
    assert in_one_form(values) == texts


def test_no_number_is_written_as_another_one():
    chance = random.Random(16)
    for _ in range(300):
        values = [chance.choice((1, -1)) * 10 ** chance.uniform(-12, 12) for _ in range(chance.randint(1, 6))]
        for value, text in zip(values, in_one_form(values), strict=True):
            assert float(text) == pytest.approx(value, rel=0.051), (values, text)


def test_a_column_that_learns_more_needs_no_fewer_decimals():
    column = NumberColumn((0.5,))
    twin = column.copy()
    twin.learn(0.1234)
    assert (column.text(0.5), twin.text(0.5)) == ("0.5", "0.5000")
