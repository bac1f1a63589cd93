"""First, last, least and greatest of a metric are kept beside its points, however those came."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from itertools import starmap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database as UtilsDatabase

from desktop_aml.domain.metrics import PointColumns
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.summaries.metrics import MetricSummary
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.schema.newer import fill_summaries
from desktop_aml.store.summaries import metrics as metric_summaries

SCALARS = st.one_of(
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 10**400, -(10**30), 0, 0.0, True, "text", None]),
    st.integers(-3, 3),
)
POINTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.none() | st.integers(-2, 3), st.floats(0, 3), SCALARS), max_size=12
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened:
        request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="env")
        with opened.transaction():
            runs.insert(opened, request, environment="env", version=None, seed=0, at=1.0)
        yield opened


def rows(db: Database) -> list[str]:
    columns = "name, count, first_kind, first, last_kind, last, least_kind, least, greatest_kind, greatest"
    newest = "newest_kind, newest, newest_step, newest_at"
    return [repr(tuple(row)) for row in db.all(f"SELECT {columns}, {newest} FROM metric ORDER BY name")]


def test_a_summary_is_exact_for_nan_infinities_and_enormous_whole_numbers(db: Database) -> None:
    values = [0.5, math.nan, -math.inf, 10**40, math.inf, "over"]
    with db.transaction():
        metrics.add_points(db, "r", [("m", None, 1.0, value) for value in values])
        metrics.add_points(db, "r", [("none", None, 1.0, math.nan), ("words", None, 1.0, "x" * 300)])
    found = metric_summaries.of_runs(db, ["r"])["r"]
    assert found["m"] == MetricSummary(0.5, "over", -math.inf, math.inf, count=6)
    assert found["words"] == MetricSummary("x" * 100, "x" * 100, None, None, count=1)
    assert [str(found["none"].least), str(found["none"].greatest)] == ["nan", "nan"]


def test_the_greatest_whole_number_keeps_all_its_digits(db: Database) -> None:
    with db.transaction():
        metrics.add_points(db, "r", [("m", None, 1.0, value) for value in (10**40 + 1, -(10**40) - 1, 3)])
    found = metric_summaries.of_runs(db, ["r"])["r"]["m"]
    assert (found.least, found.greatest) == (-(10**40) - 1, 10**40 + 1)


def test_the_newest_is_that_of_the_greatest_step_then_time_then_value(db: Database) -> None:
    with db.transaction():
        metrics.add_points(db, "r", [("m", 5, 1.0, 0.1), ("m", 2, 9.0, 0.2), ("m", 5, 2.0, 0.3), ("m", 5, 2.0, 0.25)])
    assert list(metric_summaries.newest(db, ["r"])) == [("r", "m", (0.3, 2.0, 5))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(points=POINTS, cut=st.integers(0, 12))
def test_a_summary_is_the_same_however_points_are_parted_and_when_an_old_workspace_is_filled(
    db: Database, points: list[tuple[str, int | None, float, float]], cut: int
) -> None:
    with db.transaction():
        db.run("DELETE FROM metric")
        metrics.add_points(db, "r", points)
    at_once = rows(db)
    with db.transaction():
        db.run("DELETE FROM metric")
        for part in (points[:cut], points[cut:]):
            metrics.add_points(db, "r", part)
    assert rows(db) == at_once
    connection = sqlite3.connect(db.path)
    connection.execute(
        "UPDATE metric SET first_kind = '', first = NULL, last_kind = '', last = NULL, least_kind = '', least = NULL,"
        " greatest_kind = '', greatest = NULL, newest_kind = '', newest = NULL, newest_step = 0, newest_at = 0"
    )
    fill_summaries(UtilsDatabase(connection))
    connection.commit()
    connection.close()
    assert rows(db) == at_once


@given(
    points=st.lists(
        st.tuples(st.none() | st.integers(-(2**64), 2**64), st.floats(0, 2), SCALARS), min_size=1, max_size=9
    )
)
def test_the_newest_is_the_same_whether_points_come_at_once_or_one_by_one(points: list[tuple]) -> None:
    numbers = [point for point in points if isinstance(point[2], int | float)]
    order, newest = metric_summaries._order, metric_summaries._newest_of(PointColumns(0, *zip(*points, strict=True)))
    assert max(starmap(order, newest), default=None) == max(starmap(order, numbers), default=None)
