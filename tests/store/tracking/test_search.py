"""Searches over runs: the same runs in the same order as MLflow's rules give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.filters.clauses import parsed, parsed_order
from desktop_aml.domain.parameters import Parameter
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import documents, metrics, parameters, runs
from desktop_aml.store.database import Database
from desktop_aml.store.organising import runs as shelves
from desktop_aml.store.tracking.search import RunSearch, find, glob


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened, opened.transaction():
        for number in range(4):
            request = SubmitRun(
                run_id=f"r{number}",
                experiment="e" if number < 3 else "other",
                script="s.py",
                environment="x",
                display_name=f"Run {number}",
                arguments=("--rate", str(10 - number)),
                tags={"team": "a*b" if number else "A*B"},
            )
            runs.insert(opened, request, environment="x", version=None, seed=0, at=float(number))
            parameters.put(opened, f"r{number}", [Parameter("C", f"{number}.0")])
        points = [("r0", 0.5, 1), ("r0", 0.1, 0), ("r1", float("nan"), 0), ("r2", 0.9, 0)]
        for run_id, value, step in points:
            metrics.add_points(opened, run_id, [("m", step, 1.0, value)])
        dataset = {"dataset": {"name": "iris"}, "tags": [{"key": "mlflow.data.context", "value": "train"}]}
        documents.put(
            opened, "r2", {("mlflow.input", "iris"): dataset, ("mlflow.run", "start"): {"start_time": 99_000}}
        )
        shelves.delete(opened, "r3", 1.0)
        yield opened


def ids(db: Database, text: str = "", *order: str, typed: bool = False, **more: object) -> list[str]:
    search = RunSearch(parsed(text, typed=typed), [parsed_order(one) for one in order], arguments=typed, **more)
    return find(db, search, offset=0, limit=10)


def test_without_an_order_the_newest_start_is_first(db: Database) -> None:
    assert ids(db) == ["r2", "r1", "r0"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.m > 0.4", ["r2", "r0"]),
        ("metrics.m = 0.5", ["r0"]),
        ("metrics.m > 0.4 and metrics.m < 0.6", ["r0"]),
        ("params.C = '1.0'", ["r1"]),
        ("params.rate = '9'", []),
        ("params.C LIKE '_.0'", ["r2", "r1", "r0"]),
        ("tags.team LIKE 'a*%'", ["r2", "r1"]),
        ("tags.team ILIKE 'a*%'", ["r2", "r1", "r0"]),
        ("tags.none IS NULL and params.C != '1.0'", ["r2", "r0"]),
        ("tags.none != 'x'", []),
        ("run_name = 'Run 1'", ["r1"]),
        ("run_id IN ('r0', 'r2')", ["r2", "r0"]),
        ("run_id NOT IN ('r0')", ["r2", "r1"]),
        ("datasets.name = 'iris' and datasets.context LIKE 'tr%'", ["r2"]),
        ("status = 'SCHEDULED' and start_time < 2000", ["r1", "r0"]),
        ("start_time >= 99000", ["r2"]),
        ("run_name = ''' OR 1=1 --'", []),
    ],
)
def test_a_filter_finds_the_runs_that_mlflow_would(db: Database, text: str, expected: list[str]) -> None:
    assert ids(db, text) == expected


def test_numbers_come_first_then_nan_then_runs_without_the_metric(db: Database) -> None:
    assert ids(db, "", "metrics.m DESC", deleted=None) == ["r2", "r0", "r1", "r3"]
    assert ids(db, "", "metrics.m ASC", deleted=None) == ["r0", "r2", "r1", "r3"]


def test_the_trash_and_experiments_narrow_what_is_found(db: Database) -> None:
    assert ids(db, deleted=True) == ["r3"]
    assert ids(db, experiments=["other"]) == []
    assert ids(db, experiments=[]) == []
    assert ids(db, experiments=["e"], deleted=None) == ["r2", "r1", "r0"]


def test_in_the_terminal_arguments_count_and_compare_as_numbers(db: Database) -> None:
    assert ids(db, "params.rate >= 9", "params.rate ASC", typed=True) == ["r1", "r0"]
    assert ids(db, "params.C = 1", typed=True) == ["r1"]


@pytest.mark.parametrize(
    ("pattern", "text", "is_like"),
    [
        ("a%", "abc", True),
        ("a%", "Abc", False),
        ("a_c", "abc", True),
        ("a_c", "ac", False),
        ("a*c", "abc", False),
        ("a*c", "a*c", True),
        ("a?c", "abc", False),
        ("a?c", "a?c", True),
        ("a[b]c", "abc", False),
        ("a[b]c", "a[b]c", True),
    ],
)
def test_a_pattern_means_what_it_means_to_mlflow(db: Database, pattern: str, text: str, *, is_like: bool) -> None:
    row = db.one("SELECT ? GLOB ? AS found", (text, glob(pattern)))
    assert row is not None
    assert bool(row["found"]) is is_like
