"""The points of a curve that show how it runs: nothing that sticks out is missed, however few are drawn."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from desktop_aml.domain.summaries.extremes import (
    NO_GAP,
    Floats,
    bucket_size,
    each_once,
    extremes,
    in_drawing_order,
    united,
)

CURVES = arrays(
    np.float64, st.integers(1, 70), elements=st.sampled_from([-2.0, 0.0, 1.0, 5.0, np.inf, -np.inf, np.nan])
)
SIZES = st.sampled_from([1, 2, 4, 8])


@given(st.integers(1, 10**7), st.integers(1, 2000), st.sampled_from([1, 4]))
def test_a_bucket_is_the_smallest_that_leaves_no_more_than_are_drawn(count: int, most: int, size: int) -> None:
    found = bucket_size(count, most, size)
    assert count <= found * most
    assert found == size or count > found // 2 * most
    assert (found // size).bit_count() == 1


@settings(max_examples=60)
@given(CURVES, SIZES, st.integers(0, 3))
def test_each_bucket_has_its_least_its_greatest_and_its_first_gap(y: Floats, size: int, offset: int) -> None:
    found = extremes(y, size, offset)
    for place, (low, high, gap) in enumerate(found):
        part = y[place * size : (place + 1) * size]
        numbers = part[~np.isnan(part)]
        gaps = np.flatnonzero(np.isnan(part))
        assert gap == (offset + place * size + gaps[0] if len(gaps) else NO_GAP)
        if len(numbers):
            assert y[low - offset] == numbers.min()
            assert y[high - offset] == numbers.max()


@settings(max_examples=60)
@given(CURVES, SIZES)
def test_united_buckets_are_those_of_the_larger_size(y: Floats, size: int) -> None:
    small = extremes(y, 2)
    ends = y[small[:, :2]]
    rows = united(small, ends, size)
    large = extremes(y, 2 * size)
    for (low, high, gap), (wanted_low, wanted_high, wanted_gap) in zip(rows, large, strict=True):
        assert small[gap, 2] == wanted_gap
        assert np.array_equal(ends[low, 0], y[wanted_low], equal_nan=True)
        assert np.array_equal(ends[high, 1], y[wanted_high], equal_nan=True)


def test_they_are_drawn_from_left_to_right_with_the_gap_behind() -> None:
    drawn = in_drawing_order(np.array([[3, 1, NO_GAP], [4, 7, 5], [8, 8, NO_GAP]]))
    assert drawn.tolist() == [[1, 3, 3], [4, 7, -6], [8, 8, 8]]
    assert each_once(drawn).tolist() == [1, 3, 4, 7, -6, 8, 8]
