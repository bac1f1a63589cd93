"""Curves read as arrays are those that were logged."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_aml.domain.metrics import number_of
from desktop_aml.store import metric_columns, metrics
from desktop_aml.store.database import Database
from tests.store.test_metrics import SCALARS, db, same  # noqa: F401

STEPS = st.one_of(st.none(), st.integers(-5, 2**53))


@given(st.lists(st.tuples(STEPS, SCALARS), max_size=40), st.integers(0, 45))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_columns_say_what_the_points_say(db: Database, logged: list, start: int):  # noqa: F811
    with db.transaction():
        db.run("DELETE FROM metric")
        metrics.add_points(db, "r", [("m", step, 5.0 + place, value) for place, (step, value) in enumerate(logged)])
    points = metrics.read(db, "r").curves[0].points[start:] if logged else ()
    found = metric_columns.read(db, "r", "m", start)
    assert [size.count for size in metric_columns.sizes(db, "r")] == ([len(logged)] if logged else [])
    assert found.steps.tolist() == [point.index if point.step is None else point.step for point in points]
    assert found.times.tolist() == [point.at for point in points]
    for point, value in zip(points, found.values.tolist(), strict=True):
        assert same(value, number_of(point.value))
        if not isinstance(point.value, float):
            assert same(found.exact[point.index], point.value)
        else:
            assert point.index not in found.exact
    assert found.has_steps == any(point.step is not None for point in points)


def test_a_curve_that_was_never_logged_has_no_points(tmp_path: Path):
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened:
        assert len(metric_columns.read(opened, "r", "m").values) == 0
        assert metric_columns.sizes(opened, "r") == ()
