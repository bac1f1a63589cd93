"""What a script logged itself wins over what was seen of it, and that over its log, in whichever order they come."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.metrics import MetricSource
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.summaries import captured

LOGGED, CAPTURED, PRINTED = MetricSource.LOGGED, MetricSource.CAPTURED, MetricSource.PRINTED


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened:
        request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="env")
        with opened.transaction():
            runs.insert(opened, request, environment="env", version=None, seed=0, at=1.0)
        yield opened


def arrive(db: Database, source: MetricSource, value: float) -> None:
    point = ("accuracy", None, 1.0, value)
    with db.transaction():
        if source is LOGGED:
            captured.make_way(db, "r", ["accuracy"])
            metrics.add_points(db, "r", [point])
        else:
            captured.add(db, "r", [(source, point)], [])


@pytest.mark.parametrize("order", list(itertools.permutations((LOGGED, CAPTURED, PRINTED))))
def test_the_better_source_of_a_name_wins_in_any_order(db: Database, order: tuple[MetricSource, ...]) -> None:
    values = {LOGGED: 1.0, CAPTURED: 2.0, PRINTED: 3.0}
    for place, source in enumerate(order):
        arrive(db, source, values[source])
        best = next(one for one in values if one in order[: place + 1])
        found = metrics.read(db, "r", captured.sources(db, "r"))
        assert [(curve.source, [point.value for point in curve.points]) for curve in found.curves] == [
            (best, [values[best]])
        ]
        assert [curve.name for curve in found.logged().curves] == (["accuracy"] if best is LOGGED else [])
        summary = db.one("SELECT summary FROM run WHERE id = 'r'")
        assert summary is not None
        assert json.loads(summary["summary"]) == [["accuracy", values[best]]]


def test_values_of_one_source_go_on_as_a_curve_and_others_are_untouched(db: Database) -> None:
    arrive(db, PRINTED, 1.0)
    arrive(db, PRINTED, 2.0)
    with db.transaction():
        captured.add(db, "r", [(CAPTURED, ("loss", None, 1.0, 5.0))], [(CAPTURED, ("t", "list", 1.0, [1]))])
        assert not captured.make_way(db, "r", ["something else"])
    found = metrics.read(db, "r", captured.sources(db, "r"))
    assert [(curve.name, len(curve.points)) for curve in found.curves] == [("accuracy", 2), ("loss", 1)]
    assert found.sources() == {"accuracy": PRINTED, "loss": CAPTURED, "t": CAPTURED}
    assert found.as_azure().keys() == {"accuracy", "loss", "t"}


def test_a_flood_of_names_is_cut_off(db: Database) -> None:
    for start in range(0, 1000, 100):
        points = [(PRINTED, (f"name {number}", None, 1.0, 1.0)) for number in range(start, start + 100)]
        with db.transaction():
            captured.add(db, "r", points, [])
    assert len(metrics.read(db, "r").curves) == 300


def test_what_the_script_logged_is_shown_in_lists_before_what_was_captured(db: Database) -> None:
    with db.transaction():
        captured.add(db, "r", [(CAPTURED, (f"seen {number}", None, 1.0, 1.0)) for number in range(10)], [])
        own = [(f"own {number}", None, 1.0, 2.0) for number in range(6)]
        captured.make_way(db, "r", [point[0] for point in own])
        metrics.add_points(db, "r", own)
    row = db.one("SELECT summary FROM run WHERE id = 'r'")
    assert row is not None
    names = [name for name, _ in json.loads(row["summary"])]
    assert names == ["seen 0", "seen 1", *(f"own {number}" for number in range(6))]
    assert len(metrics.last_values(db, "r")) == 16, "nothing is lost"


def test_what_the_script_logged_stands_first_also_when_it_was_read_later(db: Database) -> None:
    """As after a rebuild, which reads all at once."""
    with db.transaction():
        captured.add(db, "r", [(CAPTURED, ("SVC.score", None, 1.0, 0.5))], [])
        metrics.add_points(db, "r", [("kernel size", None, 2.0, 3.0), ("loss", None, 2.0, 1.0)])
        captured.put_own_first(db, "r")
    row = db.one("SELECT summary FROM run WHERE id = 'r'")
    assert row is not None
    assert [name for name, _ in json.loads(row["summary"])] == ["kernel size", "loss", "SVC.score"]
