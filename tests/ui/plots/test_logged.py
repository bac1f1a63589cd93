"""Points that come as columns make the same curve as those that come one by one."""

import math

from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.metrics import Point, PointColumns
from desktop_aml.ui.plots.data import CurveData

FLOATS = st.floats(-3, 3) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0])
SCALARS = FLOATS | st.integers() | st.booleans() | st.none() | st.text(max_size=2) | st.just(10**400)
STEPS = st.none() | st.integers(-(2**63), 2**63 - 1)


def described(data: CurveData) -> str:
    columns = data.columns()
    arrays = [column.tolist() for column in (columns.steps, columns.times, columns.values)]
    counts = data.number_count, data.gap_count, data.below_log_count
    return repr((arrays, sorted(columns.exact.items()), columns.has_steps, counts, data._is_rising, data.is_waiting()))


@given(
    st.lists(st.tuples(STEPS, FLOATS), max_size=8) | st.lists(st.tuples(STEPS | st.none(), SCALARS), max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=4),
)
def test_columns_make_the_same_curve_as_points_wherever_they_are_cut(logged, cuts):
    points = [Point(index, value, step, 1000.0 + index) for index, (step, value) in enumerate(logged)]
    one_by_one, by_columns = CurveData("loss"), CurveData("loss")
    for first, count in [*cuts, (0, len(points))]:
        part = points[first : first + count]
        assert one_by_one.extend(part) == by_columns.extend(PointColumns.of(part))
        assert described(one_by_one) == described(by_columns)


def test_very_many_points_are_taken_without_an_object_for_each(monkeypatch):
    many = PointColumns(0, [None] * 1000, [1000.0 + n for n in range(1000)], [n / 7 for n in range(1000)])
    monkeypatch.setattr(PointColumns, "__iter__", lambda _: 1 / 0)
    data = CurveData("loss")
    assert data.extend(many)
    assert len(data) == 1000
