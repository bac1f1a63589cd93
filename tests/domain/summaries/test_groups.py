"""Mean and deviation of numbers counted one by one."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.summaries.groups import Spreading


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from([0.0, 1e9]))
def test_mean_and_deviation_are_those_of_all_numbers(numbers: list[float], shift: float) -> None:
    counted = Spreading()
    for number in numbers:
        counted.add(number + shift)
    found = counted.spread()
    assert (found.mean, found.count) == (pytest.approx(statistics.mean(numbers) + shift, abs=1e-4), len(numbers))
    expected = statistics.stdev(numbers) if len(numbers) > 1 else None
    assert found.deviation == (None if expected is None else pytest.approx(expected, abs=1e-3, rel=1e-6))
