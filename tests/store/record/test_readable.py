"""Rows that hold what the program never writes: they are named in words, and everything else is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion
from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import RecordUnreadable
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import datasets, documents, environments, registry, runs
from desktop_aml.store.database import Database
from desktop_aml.store.record import readable


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Give a database with two things of each kind."""
    monkeypatch.setattr(readable, "_told", set())
    with Database(tmp_path / "workspace.db", read_only=False) as db:
        with db.transaction():
            for name in ("a", "b"):
                request = SubmitRun(run_id=name, experiment="e", script="t.py", environment="this-python")
                runs.insert(db, request, environment="this-python", version=None, seed=1, at=1.0)
                documents.put(db, name, {("kind", "key"): 1})
                registry.insert_model(db, ModelVersion(name, 1, 1.0))
                registry.put_endpoint(db, Endpoint(name, "m", 1, EndpointState.STOPPED, 1.0), wanted="stopped")
                environments.register(db, name, EnvironmentKind.PIP, "", "", 1.0)
                dataset = DatasetVersion(name, 1, f"id-{name}", DatasetKind.FILE, 1.0, "{}")
                datasets.save(db, dataset)
                datasets.insert_version(db, dataset)
        db.run("PRAGMA ignore_check_constraints=ON")
        yield db


CASES: dict[str, tuple[str, str, Callable[[Database], object], Callable[[Database], object]]] = {
    "a run's summary": (
        "UPDATE run SET summary = '[[' WHERE id = 'a'",
        "run “a”",
        lambda db: runs.get(db, "a"),
        lambda db: [one.id for one in runs.newest_of(db, runs.get(db, "b").summary.target, 9)],
    ),
    "a run's arguments": (
        "UPDATE run_detail SET arguments = '7' WHERE run_id = 'a'",
        "run “a”",
        lambda db: runs.get(db, "a"),
        lambda db: [runs.get(db, "b").summary.id],
    ),
    "a document": (
        "UPDATE document SET body = '' WHERE run_id = 'a'",
        "run “a”",
        lambda db: documents.of_run(db, "a"),
        lambda db: [one for one in "b" if documents.of_run(db, one)],
    ),
    "a document, as text": (
        "UPDATE document SET body = '{\"a\": 1' WHERE run_id = 'a'",
        "run “a”",
        lambda db: documents.text_of_run(db, "a"),
        lambda db: [one for one in "b" if documents.text_of_run(db, one)],
    ),
    "a model": (
        "UPDATE model SET body = '{}' WHERE name = 'a'",
        "model “a:1”",
        lambda db: registry.get_model(db, "a"),
        lambda db: [one.name for one in registry.models(db)],
    ),
    "an endpoint": (
        "UPDATE endpoint SET state = 'odd' WHERE name = 'a'",
        "endpoint “a”",
        lambda db: registry.all_endpoints(db),
        lambda db: [one.name for one in registry.endpoints(db)],
    ),
    "an environment": (
        "UPDATE environment SET kind = 'odd' WHERE name = 'a'",
        "environment “a:1”",
        lambda db: environments.get(db, "a"),
        lambda db: [one.name for one in environments.summaries(db)],
    ),
    "a dataset": (
        "UPDATE dataset SET kind = 'odd' WHERE id = 'id-a'",
        "dataset “a:1”",
        lambda db: datasets.get(db, "a"),
        lambda db: [one.name for one in datasets.newest(db)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_record_that_cannot_be_read_is_named_and_lists_go_on_without_it(db: Database, case: str) -> None:
    change, name, read, listed = CASES[case]
    assert read(db)
    db.run(change)
    with pytest.raises(RecordUnreadable, match=f"the {name} cannot be read") as caught:
        read(db)
    assert "workspace rebuild" in caught.value.hint
    assert listed(db) == ["b"]


def test_what_a_list_leaves_out_is_told_once(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    db.run("UPDATE model SET body = '' WHERE name = 'a'")
    for _ in range(2):
        registry.models(db)
    assert [one.getMessage().partition(" cannot")[0] for one in caplog.records] == [
        "What the database says of the model “a:1”"
    ]
