"""Smoothing is the exponential mean, whatever is between the values and however great they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_aml.domain.metrics import Point
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.smoothing import smoothed


def by_hand(values: list[float], weight: float) -> list[float]:
    """The same, value by value."""
    mean, share, found = 0.0, 0.0, []
    for value in values:
        if not math.isfinite(value):
            found.append(value)
            continue
        mean = weight * mean + (1 - weight) * value
        share = weight * share + (1 - weight)
        found.append(mean / share)
    return found


@given(
    st.lists(st.one_of(st.floats(-1e9, 1e9), st.sampled_from([math.nan, math.inf, -math.inf])), max_size=60),
    st.sampled_from([0.0, 0.01, 0.3, 0.6, 0.9, 0.99]),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_smoothing_is_the_exponential_mean(values: list[float], weight: float):
    scale = max((abs(value) for value in values if math.isfinite(value)), default=1.0)
    found = smoothed(np.array(values, dtype=float), weight)
    assert found.tolist() == pytest.approx(by_hand(values, weight), rel=1e-9, abs=1e-9 * scale, nan_ok=True)


def test_many_values_are_smoothed_part_by_part():
    values = np.random.default_rng(3).normal(size=5000)
    assert smoothed(values, 0.1).tolist() == pytest.approx(by_hand(values.tolist(), 0.1), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, 5e-324, 0.0])
def test_a_constant_stays_itself_at_the_ends_of_what_a_float_holds(value: float):
    assert smoothed(np.full(300, value), 0.9).tolist() == pytest.approx([value] * 300)


@pytest.mark.parametrize("weight", [1.0, -0.1, 2.0, math.nan])
def test_a_weight_that_is_none_is_refused(weight: float):
    with pytest.raises(ValueError, match="weight"):
        smoothed(np.ones(3), weight)


def test_a_smoothed_line_grows_with_its_curve():
    curve = CurveData("m")
    rng = np.random.default_rng(1)
    for start in range(0, 9000, 3000):
        values = rng.normal(size=3000)
        curve.extend(Point(i, float(value), i, float(i)) for i, value in enumerate(values, start))
        x, y = curve.outline("step", weight=0.9)
        assert x[-1] == start + 2999
        assert y[-1] == smoothed(curve.numbers(), 0.9)[-1]
    assert len(x) < 4000
    assert curve.outline("step", weight=0.5)[1][-1] == smoothed(curve.numbers(), 0.5)[-1]
    assert curve.outline("step")[1][-1] == curve.numbers()[-1]
