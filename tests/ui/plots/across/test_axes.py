"""Where values stand on an axis: linear, over decades, or one of several texts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from desktop_aml.domain.compare.sheet import SheetColumn
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.ui.plots.across.axes import MISSING, Axis, Scale, axis_of, brushed


def laid(*values: Scalar) -> Axis:
    return axis_of(SheetColumn(FieldKind.PARAMETER, "x", values))


def test_numbers_over_two_decades_stand_by_their_logarithms() -> None:
    axis = laid(1e-4, 1e-2, 1.0)
    assert axis.scale is Scale.LOG
    assert axis.places.tolist() == pytest.approx([0, 0.5, 1])
    assert laid(1, 2, 3).scale is Scale.NUMBER
    assert laid(0, 1e-4, 1.0).scale is Scale.NUMBER, "zero has no logarithm"
    assert laid(0.00625, 0.0125, 0.025, 0.05, 0.1).scale is Scale.LOG, "half of them would stand on one spot"


def test_texts_truths_and_mixtures_are_choices_numbers_first() -> None:
    axis = laid("auto", 0.5, 10, "auto", True)
    assert axis.scale is Scale.CHOICE
    assert axis.choices == ("0.5", "10", "True", "auto")
    assert axis.words_at(float(axis.places[0])) == "auto"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_has_no_place_stands_below_the_axis(value: float | None) -> None:
    axis = laid(1, value, 3)
    assert axis.places.tolist() == [0.0, MISSING, 1.0]
    assert axis.has_missing()


@pytest.mark.parametrize(
    "values",
    [(5, 5), (None, None), (-1e308, 1e308), (1e-320, 1.0), (10**400, 1), (0.1 + 0.2, 0.3), (math.nan,), (), ("",)],
)
def test_any_values_have_places_and_a_few_ticks_within_the_axis(values: tuple[Scalar, ...]) -> None:
    axis = laid(*values)
    assert np.isfinite(axis.places).all()
    assert ((axis.places >= MISSING) & (axis.places <= 1)).all()
    for most in (0, 2, 9):
        ticks = axis.ticks(most)
        assert len(ticks) <= 30
        assert all(-1e-6 <= place <= 1 + 1e-6 for place, _ in ticks)


def test_ticks_are_round_or_the_few_values_themselves() -> None:
    assert [words for _, words in laid(2, 4, 8).ticks(5)] == ["2", "4", "8"]
    assert [words for _, words in laid(*range(101)).ticks(5)] == ["0", "20", "40", "60", "80", "100"]
    assert [words for _, words in laid(*(10.0**power for power in range(-4, 5))).ticks(9)][:2] == ["10⁻⁴", "0.001"]
    crowded = laid(0, 1e-6, 1.0).ticks(9)
    assert [words for _, words in crowded] == ["0", "1"], "two words over each other cannot be read"


def test_spans_of_several_axes_choose_what_lies_in_all_of_them() -> None:
    one, two = laid(1, 2, 3, None), axis_of(SheetColumn(FieldKind.TAG, "y", ("a", "b", "a", "a")))
    assert brushed([one, two], {one.key: (0.0, 0.5)}, 4).tolist() == [True, True, False, False]
    assert brushed([one, two], {one.key: (0.0, 1.0), two.key: (0.0, 0.5)}, 4).tolist() == [True, False, True, False]
    assert brushed([one], {one.key: (-0.2, -0.01)}, 4).tolist() == [False, False, False, True]
    assert brushed([], {}, 4).all()
