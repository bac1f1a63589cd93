"""The outbox: written by the database itself, so that no act can forget it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import environments, metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.record import outbox
from desktop_aml.store.record.kinds import MANIFESTS, RecordKind

# What a rebuild reads from the journals, or what is no part of the record.
NOT_MARKED = {"metric", "point", "point_block", "record", "journal", "request", "outbox"} | {
    "run_facts",
    "_sqlite_migrations",
    "sqlite_sequence",
}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "workspace.db", read_only=False) as db:
        yield db


def submit(db: Database, run_id: str = "r1") -> None:
    with db.transaction():
        request = SubmitRun(run_id=run_id, experiment="exp", script="train.py", environment="this-python")
        runs.insert(db, request, environment="this-python", version=None, seed=1, at=1.0)


def marks(db: Database) -> set[tuple[str, str]]:
    return {(mark.kind, mark.key) for mark in outbox.waiting(db, list(RecordKind), 1000)}


def test_every_table_marks_what_it_belongs_to(db: Database) -> None:
    """Whoever adds a table gives it a manifest, or says here why it needs none."""
    tables = {row["name"] for row in db.all("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    own = {name for name in tables if not name.startswith("run_text")} - NOT_MARKED
    events: dict[str, set[str]] = {name: set() for name in own}
    for row in db.all("SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%marks'"):
        events[row["tbl_name"]].add(re.search(r"AFTER (\w+)", row["sql"])[1])
    assert {name: found for name, found in events.items() if found != {"INSERT", "UPDATE", "DELETE"}} == {}


def test_every_change_of_a_run_marks_it_once(db: Database) -> None:
    submit(db)
    assert marks(db) == {("run", "r1"), ("experiment", "exp")}
    for change in (
        lambda: runs.rename(db, "r1", "another"),
        lambda: runs.describe(db, "r1", "words"),
        lambda: runs.set_labels(db, "r1", "tag", {"a": "1"}),
        lambda: runs.set_labels(db, "r1", "tag", {"a": "2"}),
        lambda: runs.remove_tags(db, "r1", ["a"]),
        lambda: runs.set_attempt(db, "r1", nonce="n", handle="h", command=()),
    ):
        outbox.clear_all(db)
        with db.transaction():
            change()
        assert marks(db) == {("run", "r1")}


def test_what_is_logged_marks_nothing(db: Database) -> None:
    submit(db)
    outbox.clear_all(db)
    with db.transaction():
        metrics.add_points(db, "r1", [("loss", None, 1.0, 0.5)])
        metrics.set_journal_position(db, "r1", "a.jsonl", 10)
    assert marks(db) == set()


def test_a_change_made_while_a_mark_is_carried_out_stays_marked(db: Database) -> None:
    submit(db)
    taken = outbox.waiting(db, MANIFESTS, 10)
    with db.transaction():
        runs.rename(db, "r1", "meanwhile")
    outbox.clear(db, taken)
    assert marks(db) == {("run", "r1")}


def test_a_change_that_is_taken_back_marks_nothing(db: Database) -> None:
    def fail() -> None:
        with db.transaction():
            environments.register(db, "env", EnvironmentKind.PIP, "numpy", "", 1.0)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert marks(db) == set()


def test_what_an_older_workspace_holds_is_marked_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with Database(path, read_only=False) as db:
        submit(db)
    old = sqlite3.connect(path)
    for (name,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        old.execute(f"DROP TRIGGER {name}")
    old.execute("DROP TABLE outbox")
    old.execute("DELETE FROM _sqlite_migrations WHERE name = 'add_outbox'")
    old.execute("PRAGMA user_version=7")
    old.commit()
    old.close()
    with Database(path, read_only=False) as db:
        assert marks(db) == {("run", "r1"), ("experiment", "exp")}


def test_entries_are_counted_until_they_are_settled(db: Database) -> None:
    with db.transaction():
        outbox.clear_all(db)
    assert outbox.count(db) == 0
    submit(db, "r1")
    submit(db, "r2")
    all_ = outbox.waiting(db, list(RecordKind), 1000)
    assert outbox.count(db) == len(all_) >= 2
    with db.transaction():
        outbox.settle(db, all_[0].kind, all_[0].key)
    assert outbox.count(db) == len(all_) - 1
    with db.transaction():
        outbox.clear(db, all_[1:])
    assert outbox.count(db) == 0
