"""Points come back as they were logged, however they arrived, and the few that show a curve are those of all."""

from __future__ import annotations

import math
import sqlite3
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_aml.store import metric_columns, metrics
from desktop_aml.store.database import CURRENT_SCHEMA, Database
from desktop_aml.store.points import arrays
from desktop_aml.store.points.packed import SIZE
from desktop_aml.store.tracking import points as tracked
from desktop_aml.ui.plots.outlines import Envelope
from tests.store.test_metrics import SCALARS, db, same  # noqa: F401

FLOATS = st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 1e308]))
NUMBERS = st.one_of(FLOATS, st.integers(-(2**53) - 1, 2**53 + 1))
STEPS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
ANY = [HealthCheck.function_scoped_fixture]


def log(db: Database, values: list, steps: list, cuts: list[int]) -> list:  # noqa: F811
    """Log values in parts that end at `cuts`; return them as they are to come back."""
    logged = [
        ("m", step, 5.0 + place / 7, value) for place, (step, value) in enumerate(zip(steps, values, strict=True))
    ]
    ends = sorted({0, *(cut for cut in cuts if cut < len(logged)), len(logged)})
    for start, end in pairwise(ends):
        with db.transaction():
            metrics.add_points(db, "r", logged[start:end])
    return logged


def layout(db: Database) -> list[tuple]:  # noqa: F811
    rows = db.all("SELECT n, step, at, kind, value FROM point ORDER BY n")
    blocks = db.all("SELECT * FROM point_block ORDER BY first")
    return [tuple(row) for row in rows] + [tuple(row)[1:] for row in blocks]


def steps_of(kind: str, count: int, some: list) -> list:
    regular = {"none": [None] * count, "by three": list(range(-5, 3 * count - 5, 3)), "one": [7] * count}
    return regular[kind] if kind in regular else [some[place % len(some)] for place in range(count)]


@settings(suppress_health_check=ANY, max_examples=20, deadline=None)
@given(
    st.one_of(*(st.lists(kind, min_size=1, max_size=12) for kind in (FLOATS, NUMBERS, SCALARS))),
    st.lists(STEPS, min_size=1, max_size=5),
    st.sampled_from(["none", "by three", "one", "some"]),
    st.lists(st.integers(1, 2 * SIZE + 50), max_size=4),
    st.sampled_from([SIZE - 1, SIZE, SIZE + 1, 2 * SIZE + 30]),
    st.sampled_from([0, 1, SIZE - 1, SIZE, SIZE + 5]),
)
def test_points_come_back_however_they_arrived(db: Database, pattern, some, kind, cuts, count, start):  # noqa: F811
    with db.transaction():
        db.run("DELETE FROM metric")
    values = [pattern[place % len(pattern)] for place in range(count)]
    logged = log(db, values, steps_of(kind, count, some), cuts)
    points = metrics.read(db, "r").curves[0].points
    assert [point.index for point in points] == list(range(count))
    assert [(point.step, point.at) for point in points] == [(step, at) for _, step, at, _ in logged]
    for point, value in zip(points, values, strict=True):
        assert same(point.value, value)
        assert type(point.value) is type(value)
        assert (
            not isinstance(value, float) or math.copysign(1, point.value) == math.copysign(1, value) or value != value
        )
    found = metric_columns.read(db, "r", "m", start)
    assert np.array_equal(found.steps, [float(p.index if p.step is None else p.step) for p in points[start:]])
    assert found.times.tolist() == [point.at for point in points[start:]]
    for point, number in zip(points[start:], found.values.tolist(), strict=True):
        assert same(found.exact.get(point.index, number), point.value)
        assert isinstance(point.value, float) == (point.index not in found.exact)
    assert found.has_steps == any(point.step is not None for point in points[start:])
    assert same(metrics.last_values(db, "r")["m"], values[-1])
    numbers = [point for point in points if isinstance(point.value, (bool, int, float))]
    assert [row[1:] for row in tracked.history(db, "r", "m")] == [(point.at, point.step or 0) for point in numbers]


def test_what_is_packed_does_not_depend_on_how_points_arrived(db: Database):  # noqa: F811
    values = [math.sin(place) for place in range(3 * SIZE + 9)]
    found = []
    for cuts in ([], [1, SIZE, 2 * SIZE + 1], [*range(0, len(values), 700)]):
        with db.transaction():
            db.run("DELETE FROM metric")
        log(db, values, list(range(len(values))), cuts)
        found.append(layout(db))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 9 + 3


@settings(suppress_health_check=ANY, max_examples=15, deadline=None)
@given(
    st.lists(FLOATS, min_size=1, max_size=40),
    st.sampled_from(["none", "by three", "one", "some"]),
    st.integers(1, 400),
    st.integers(1, 20),
    st.integers(2 * SIZE, 3 * SIZE + 300),
)
def test_an_outline_of_extremes_is_that_of_all_points(db: Database, pattern, kind, repeat, buckets, count):  # noqa: F811
    with db.transaction():
        db.run("DELETE FROM metric")
    values = np.resize(np.repeat(pattern, repeat), count)
    log(db, values.tolist(), steps_of(kind, count, [5, -3, 2**60]), [])
    with db.reading():
        metric_id = db.one("SELECT id FROM metric")[0]
        quick = arrays.outline(db, metric_id, count, buckets)
    assert quick is not None
    kept = Envelope(buckets).update(values)
    places = np.where(kept < 0, -kept - 1, kept)
    columns = metric_columns.read(db, "r", "m")
    assert quick.indexes.tolist() == places.tolist()
    assert quick.steps.tolist() == columns.steps[places].tolist()
    assert quick.times.tolist() == columns.times[places].tolist()
    expected = np.where((kept < 0) | ~np.isfinite(values[places]), np.nan, values[places])
    assert np.array_equal(quick.values, expected, equal_nan=True)
    slow = arrays.outline_of(columns, buckets)
    assert np.array_equal(slow.indexes, quick.indexes)
    assert np.array_equal(slow.steps, quick.steps)


def test_a_long_curve_is_not_read_for_its_outline(db: Database):  # noqa: F811
    log(db, [float(place) for place in range(4 * SIZE)], [None] * (4 * SIZE), [])
    with db.transaction():
        # Whoever looked at the points would see that they are not there.
        db.run("UPDATE point_block SET numbers = zeroblob(8 * ?), times = zeroblob(8 * ?) WHERE first = 0", (SIZE,) * 2)
    found = metric_columns.outline(db, "r", "m", 8)
    assert found.count == 4 * SIZE
    assert found.values.tolist()[:4] == [0.0, 1023.0, 1024.0, 2047.0]


def test_a_short_curve_is_shown_whole(db: Database):  # noqa: F811
    log(db, [1, True, "text", math.nan, 2.5], [None] * 5, [])
    found = metric_columns.outline(db, "r", "m", 1000)
    assert found.indexes.tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(found.values, [1.0, 1.0, math.nan, math.nan, 2.5], equal_nan=True)


def test_points_of_an_earlier_version_are_packed_when_the_database_is_opened(db: Database):  # noqa: F811
    values = [*(float(place) for place in range(2 * SIZE)), "text", *(1.0 for _ in range(SIZE))]
    log(db, values, list(range(len(values))), [])
    packed, before = layout(db), metrics.read(db, "r")
    path = db.path
    with db.transaction():
        db.run("DROP TABLE point_block")
        db.run("DELETE FROM point")
        metric_id = db.one("SELECT id FROM metric")[0]
        rows = [(metric_id, point.index, point.step, point.at, "n", point.value) for point in before.curves[0].points]
        rows[2 * SIZE] = (*rows[2 * SIZE][:4], "s", "text")
        db.run_many("INSERT INTO point VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.run("DELETE FROM _sqlite_migrations WHERE name = 'add_blocks_of_points'")
    db.run(f"PRAGMA user_version={CURRENT_SCHEMA - 1}")
    with Database(path, read_only=False) as opened:
        assert metrics.read(opened, "r") == before
        assert layout(opened) == packed
        assert len(packed) == 2 + SIZE + 1


def test_a_deleted_metric_takes_its_blocks_along(db: Database):  # noqa: F811
    log(db, [1.0] * SIZE, [None] * SIZE, [])
    with db.transaction():
        db.run("DELETE FROM metric")
    assert layout(db) == []


@pytest.mark.parametrize("done", [10, SIZE - 1])
def test_a_step_that_fails_packs_nothing(db: Database, done: int):  # noqa: F811
    log(db, [1.0] * done, [None] * done, [])
    before = layout(db)
    # Among the points after those that fill a block is none that can be kept.
    with pytest.raises(sqlite3.IntegrityError), db.transaction():
        metrics.add_points(db, "r", [("m", None, 1.0, 2.0)] * SIZE + [("m", None, math.nan, 2.0)] * SIZE)
    assert layout(db) == before
