"""What the queue asks at each turn of the engine costs the same beside very many runs that are over."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from desktop_aml.domain.organising.needs import CPUS, MEMORY, Needs
from desktop_aml.store import pools
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.organising import needs

ADD = (
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)"
    " INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at, parent)"
    " SELECT ? || i, i, 'e', 'x', ?, 's.py', 'local', 'sklearn', i, ? FROM c"
)
LABEL = "INSERT INTO label (run_id, kind, key, value) SELECT id, 'property', ?, '1' FROM run WHERE id GLOB ?"

QUESTIONS: dict[str, Callable[[Database], object]] = {
    "next": lambda db: pools.queued(db, ["local"], 1),
    "waiting": lambda db: pools.waiting(db, 1),
    "awaited children": lambda db: pools.awaited_children(db, ["local"]),
    "busy computes": pools.active_by_compute,
    "active": lambda db: pools.count_active(db, ["local"]),
    "limits": needs.taken,
    "followed": lambda db: pools.is_followed(db, "alive1"),
}


def steps(db: Database, ask: Callable[[Database], object]) -> int:
    """Return how many hundreds of steps of its machine SQLite takes."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    db._connection.set_progress_handler(count, 100)
    ask(db)
    db._connection.set_progress_handler(None, 0)
    return counted[0]


@pytest.mark.parametrize("question", QUESTIONS)
def test_runs_that_are_over_cost_the_queue_nothing(folder: WorkspaceFolder, question: str) -> None:
    with Database(folder.database, read_only=False) as db:
        with db.transaction():
            db.run(ADD, (3, "alive", "Running", ""))
        few = steps(db, QUESTIONS[question])
        with db.transaction():
            db.run(ADD, (2000, "old", "Completed", "gone"))
            for key in (pools.COMPUTE_TARGET, needs.CPUS, needs.MEMORY):
                db.run(LABEL, (key, "old*"))
        assert steps(db, QUESTIONS[question]) <= few + 5


def test_a_child_that_its_parent_waits_for_is_found(folder: WorkspaceFolder) -> None:
    with Database(folder.database, read_only=False) as db, db.transaction():
        db.run(ADD, (2, "alive", "Running", ""))
        db.run(ADD, (2, "child", "Queued", "alive1"))
        db.run(ADD, (1, "other", "Queued", "alive2"))
        db.run(ADD, (1, "busy", "Running", "alive2"))
        assert pools.awaited_children(db, ["local"]) == ["child1"]
        assert pools.awaited_children(db, ["docker"]) == []


def test_a_limit_that_makes_no_sense_counts_as_none(folder: WorkspaceFolder) -> None:
    with Database(folder.database, read_only=False) as db:
        with db.transaction():
            db.run(ADD, (4, "alive", "Running", ""))
            db.run("DELETE FROM label")
            for run, value in zip(range(1, 5), ("2", "-1", "1e999", "all"), strict=True):
                for key in (CPUS, MEMORY):
                    text = "500000000" if (key, value) == (MEMORY, "2") else value
                    db.run("INSERT INTO label VALUES (?, 'property', ?, ?)", (f"alive{run}", key, text))
        assert needs.taken(db) == Needs(cpus=2.0, memory_bytes=500_000_000)


def order(db: Database) -> list[str]:
    return [one["id"] for one in db.all("SELECT id FROM run ORDER BY priority DESC, coalesce(queue_rank, number), n")]


def test_a_run_is_put_before_another_or_at_the_end(folder: WorkspaceFolder) -> None:
    with Database(folder.database, read_only=False) as db, db.transaction():
        db.run(ADD, (4, "q", "Queued", ""))
        pools.move_before(db, "q4", "q2")
        assert order(db) == ["q1", "q4", "q2", "q3"]
        pools.move_before(db, "q1", "")
        assert order(db) == ["q4", "q2", "q3", "q1"]
        pools.move_before(db, "q3", "q4")
        assert order(db) == ["q3", "q4", "q2", "q1"]
        pools.move_before(db, "q2", "gone")
        assert order(db) == ["q3", "q4", "q2", "q1"]
        pools.set_priority(db, "q2", 5)
        pools.move_before(db, "q1", "q2")
        assert order(db) == ["q1", "q2", "q3", "q4"]
        assert [pools.position_of(db, one) for one in order(db)] == [1, 2, 3, 4]


def test_there_is_always_room_between_two_that_wait(folder: WorkspaceFolder) -> None:
    with Database(folder.database, read_only=False) as db, db.transaction():
        db.run(ADD, (3, "q", "Queued", ""))
        # Two numbers with none between them: the middle of them is the lower one, or the upper one.
        for low in (1.0, math.nextafter(1.0, 2.0)):
            for run_id, rank in (("q1", low), ("q2", math.nextafter(low, 2.0)), ("q3", 9.0)):
                db.run("UPDATE run SET queue_rank = ? WHERE id = ?", (rank, run_id))
            pools.move_before(db, "q3", "q2")
            assert order(db) == ["q1", "q3", "q2"]
            ranks = [one["queue_rank"] for one in db.all("SELECT queue_rank FROM run")]
            assert len(set(ranks)) == 3


def test_the_queue_is_told_beside_attached_runs_too(folder: WorkspaceFolder) -> None:
    with Database(folder.database, read_only=False) as db:
        with db.transaction():
            db.run(ADD, (3, "q", "Queued", ""))
        # As `attached.union` does.
        db.run("CREATE TEMP VIEW run AS SELECT * FROM main.run")
        assert pools.waiting(db, 9) == ["q1", "q2", "q3"]
        assert [one.id for one in pools.waiting_rows(db, 9)] == ["q1", "q2", "q3"]
        assert pools.position_of(db, "q2") == 2
