"""Metrics come back as they were logged."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database

SCALARS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened:
        request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="env")
        with opened.transaction():
            runs.insert(opened, request, environment="env", version=None, seed=0, at=1.0)
        yield opened


def same(left: object, right: object) -> bool:
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return left == right and isinstance(left, bool) == isinstance(right, bool)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    values=st.lists(SCALARS, min_size=1, max_size=20),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_any_scalar_comes_back_in_order(db: Database, values: list[object], name: str) -> None:
    with db.transaction():
        db.run("DELETE FROM metric")
        metrics.add_points(db, "r", [(name, None, 1.0, value) for value in values])  # type: ignore[misc]
    stored = [point.value for point in metrics.read(db, "r").curves[0].points]
    assert len(stored) == len(values)
    assert all(same(a, b) for a, b in zip(values, stored, strict=True))


def test_indexes_go_on_where_they_stopped(db: Database) -> None:
    for _ in range(2):
        with db.transaction():
            added = metrics.add_points(db, "r", [("a", 1, 1.0, 1.5), ("b", None, 1.0, 2), ("a", 2, 1.0, 2.5)])
    assert [point.index for point in added["a"]] == [2, 3]
    assert [point.step for point in added["a"]] == [1, 2]


def test_the_summary_holds_the_last_value_of_the_first_eight_metrics(db: Database) -> None:
    with db.transaction():
        metrics.add_points(db, "r", [(f"m{i}", None, 1.0, i) for i in range(10)] + [("m0", None, 1.0, 42)])
    summary = dict(runs.get(db, "r").summary.summary)
    assert len(summary) == 8
    assert summary["m0"] == 42


def test_records_come_back_with_their_kind(db: Database) -> None:
    with db.transaction():
        metrics.add_records(db, "r", [("t", "row", 1.0, {"x": [1, math.inf]}), ("t", "row", 2.0, {"x": 3})])
    assert [record.data for record in metrics.read(db, "r").records] == [{"x": [1, math.inf]}, {"x": 3}]


def test_enormous_steps_are_kept_within_the_columns_range(db: Database) -> None:
    with db.transaction():
        metrics.add_points(db, "r", [("a", 10**30, 1.0, 1), ("a", -(10**30), 1.0, 1)])
    assert [point.step for point in metrics.read(db, "r").curves[0].points] == [2**63 - 1, -(2**63)]
