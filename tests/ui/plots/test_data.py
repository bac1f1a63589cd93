import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.metrics import Point
from desktop_aml.ui.plots.data import CurveData, MetricBook, curve_of_values
from desktop_aml.ui.plots.outlines import MAX_BUCKETS, Envelope, lone_points


def points(values, start=0, steps=False):
    return [Point(i, value, i * 10 if steps else None, 1000.0 + i) for i, value in enumerate(values, start)]


def curve(values, **options) -> CurveData:
    data = CurveData("loss")
    data.extend(points(values, **options))
    return data


def test_points_are_taken_once_in_any_order():
    everything = points(range(100))
    parts = [everything[40:70], everything[60:], everything[:50], everything[20:45]]
    for seed in range(6):
        data = CurveData("loss")
        random.Random(seed).shuffle(parts)
        complete = [data.extend(part) for part in parts]
        assert complete[-1]
        assert data.numbers().tolist() == list(range(100))


def test_a_missing_part_is_reported_and_awaited():
    data = CurveData("loss")
    assert not data.extend(points([5, 6], start=5))
    assert len(data) == 0
    assert data.extend(points([0, 1, 2, 3, 4]))
    assert data.numbers().tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_few_points_are_drawn_all():
    x, y = curve([3.0, 1.0, 2.0], steps=True).outline("step")
    assert x.tolist() == [0, 10, 20]
    assert y.tolist() == [3, 1, 2]


def test_nan_and_infinity_are_gaps():
    data = curve([1.0, math.nan, math.inf, 2.0])
    _, y = data.outline("index")
    assert np.isnan(y[[1, 2]]).all()
    assert y[[0, 3]].tolist() == [1, 2]
    assert data.gap_count == 2
    assert data.bounds() == (1.0, 2.0)


def test_what_is_not_positive_is_a_gap_on_a_log_axis():
    _, y = curve([0.0, -1.0, 100.0]).outline("index", log=True)
    assert np.isnan(y[:2]).all()
    assert y[2] == 2.0


def test_every_value_is_kept_as_it_was_logged():
    values = [1, 2**70, 0.1, True, "best", None, math.inf]
    data = curve(values)
    assert [data.value(i) for i in range(len(values))] == values
    assert [type(data.value(i)) for i in range(4)] == [int, int, float, bool]


def test_ten_curves_of_a_hundred_thousand_points_give_the_plot_a_few_thousand():
    rng = np.random.default_rng(1)
    handed_over = 0
    for _ in range(10):
        data = curve(rng.normal(size=100_000).cumsum().tolist())
        x, y = data.outline("step")
        handed_over += len(x)
        assert len(x) == len(y) <= 3 * MAX_BUCKETS + 1
        assert y.max() == data.numbers().max()
        assert y.min() == data.numbers().min()
        assert y[-1] == data.numbers()[-1]
        assert (np.diff(x) >= 0).all()
    assert handed_over <= 10 * (3 * MAX_BUCKETS + 1)


def test_a_zoomed_view_shows_every_point_in_it():
    data = curve(np.random.default_rng(1).normal(size=100_000).tolist())
    x, y = data.outline("step", view=(5000.0, 6000.0))
    assert x.tolist() == list(range(4999, 6002))
    assert y.tolist() == data.numbers()[4999:6002].tolist()


def test_a_wide_zoomed_view_is_bounded_too():
    data = curve(np.arange(100_000, dtype=float).tolist())
    x, _ = data.outline("step", view=(1000.0, 90_000.0))
    assert MAX_BUCKETS < len(x) <= 3 * MAX_BUCKETS + 1
    assert x[0] <= 1000.0
    assert x[-1] >= 90_000


def test_a_gap_survives_the_envelope():
    values = [1.0] * 50_000
    values[20_000] = math.nan
    x, y = curve(values).outline("index")
    assert np.isnan(y).sum() == 1
    assert abs(x[np.isnan(y)][0] - 20_000) <= 64


def breaks(y) -> int:
    gaps = np.isnan(y)
    return int((gaps[1:] & ~gaps[:-1]).sum())


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("count", [500, 1999, 2001, 100_000])
def test_scattered_gaps_do_not_break_a_curve_into_dashes(count: int, log: bool):
    rng = np.random.default_rng(1)
    values = rng.uniform(0.5, 1.0, size=count)
    values[rng.random(count) < 0.2] = 0.0 if log else math.nan
    data = curve(values.tolist(), steps=True)
    x, y = data.outline("step", log=log)
    assert breaks(y) <= 20
    assert (np.diff(x) >= 0).all()
    assert np.nanmax(y) == np.nanmax(data.heights(log=log))
    _, zoomed = data.outline("step", log=log, view=(0.0, count * 5.0))
    assert breaks(zoomed) <= 20


def test_a_long_gap_among_short_ones_stays():
    values = np.ones(10_000)
    values[::7] = math.nan
    values[4000:6000] = math.nan
    x, y = curve(values.tolist()).outline("index")
    inside = x[np.isnan(y)]
    assert breaks(y) == 1
    assert inside.min() < 4100
    assert inside.max() > 5900


def test_points_between_gaps_are_known():
    y = np.array([1.0, math.nan, 2.0, math.nan, 3.0, 4.0, math.nan, 5.0])
    assert lone_points(y).tolist() == [True, False, True, False, False, False, False, True]


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=12),
    st.lists(st.one_of(st.floats(-10, 10), st.just(math.nan)), min_size=1, max_size=50),
)
def test_growing_in_pieces_gives_what_growing_at_once_gives(sizes, pattern):
    values = np.resize(np.array(pattern), sum(sizes))
    stepwise = Envelope(max_buckets=20)
    count = 0
    for size in sizes:
        count += size
        kept = stepwise.update(values[:count])
    at_once = Envelope(max_buckets=20).update(values)
    if at_once is None:
        assert kept is None
    else:
        assert kept.tolist() == at_once.tolist()
        drawn = values[kept[kept >= 0]]
        if not np.isnan(values).all():
            assert np.nanmax(drawn) == np.nanmax(values)
            assert np.nanmin(drawn) == np.nanmin(values)


def test_steps_that_go_back_are_drawn_in_logging_order():
    data = CurveData("loss")
    data.extend([Point(i, float(i), step, 0.0) for i, step in enumerate([0, 1, 2, 0, 1])])
    x, _ = data.outline("step", view=(0.5, 1.5))
    assert x.tolist() == [0, 1, 2, 0, 1]
    assert data.nearest("step", 1.9) == 2


def test_the_nearest_point_is_found_on_each_axis():
    data = curve([1.0, 2.0, 3.0], steps=True)
    assert data.nearest("step", 14.0) == 1
    assert data.nearest("step", -5.0) == 0
    assert data.nearest("step", 99.0) == 2
    assert data.nearest("time", 1.6, origin=1000.0) == 2
    assert data.nearest("index", 0.4) == 0
    assert CurveData("empty").nearest("step", 0.0) is None


def test_the_book_names_what_changed_and_what_is_missing():
    book = MetricBook()
    assert book.extend([("a", points([1])), ("b", points([1], start=1))]) == ({"a", "b"}, True)
    assert book.extend([("b", points([0]))]) == ({"b"}, False)
    assert book.origin() == 1000.0


def test_a_logged_list_is_a_curve_over_its_index():
    assert curve_of_values("roc", [0.1, 0.5], 5.0).outline("step")[0].tolist() == [0, 1]
