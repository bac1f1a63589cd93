"""Which runs may begin: by the compute target of Azure ML code they were submitted to, and by the run that waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from desktop_aml.domain.organising.queue import QueuedRun
from desktop_aml.domain.runs import EXTERNAL, SWEEP, RunState
from desktop_aml.store.database import Database

COMPUTE_TARGET = "desktop_aml.compute_target"
"""Property of a run: the compute target that Azure ML code submitted it to."""


_RANK: Final = "coalesce(queue_rank, n)"
"""Where a run stands among those of its priority: as it was submitted, unless somebody moved it."""

_QUEUE: Final = "main.run INDEXED BY run_queue_of_all"
"""The runs that wait, in their order. Named, as SQLite would rather sort all that have their state; of the table
itself, as `run` is a view beside attached runs, and has no index then."""


def queued(db: Database, targets: Sequence[str], limit: int, full: Sequence[str] = ()) -> list[str]:
    """Return the ids of up to `limit` runs that wait for one of these targets, as they stand in the queue.

    Parameters
    ----------
    full : sequence of str
        Compute targets of Azure ML code whose runs have to wait.
    """
    marks = ", ".join("?" * len(full))
    is_free = " AND NOT EXISTS (SELECT 1 FROM label WHERE run_id = run.id AND kind = 'property' AND key = ?"
    is_free += f" AND value IN ({marks}))"
    # The state is written out and each target asked for by itself: so the index of the queue has the order.
    sql = (
        f"SELECT id, -priority, {_RANK}, n FROM run WHERE state = 'Queued' AND target = ?{is_free if full else ''}"  # noqa: S608
        f" ORDER BY priority DESC, {_RANK}, n LIMIT ?"
    )
    values = (COMPUTE_TARGET, *full) if full else ()
    found = [tuple(row) for target in targets for row in db.all(sql, (target, *values, limit))]
    return [str(row[0]) for row in sorted(found, key=lambda row: row[1:])[:limit]]


def waiting(db: Database, limit: int) -> list[str]:
    """Return the ids of up to `limit` queued runs of all targets, as they stand in the queue."""
    sql = f"SELECT id FROM {_QUEUE} WHERE state = 'Queued' ORDER BY priority DESC, {_RANK}, n LIMIT ?"  # noqa: S608
    return [row["id"] for row in db.all(sql, (limit,))]


def waiting_rows(db: Database, limit: int) -> list[QueuedRun]:
    """Return up to `limit` queued runs of all targets, as they stand in the queue."""
    sql = (
        f"SELECT id, display_name, experiment, target, priority FROM {_QUEUE} WHERE state = 'Queued'"  # noqa: S608
        f" ORDER BY priority DESC, {_RANK}, n LIMIT ?"
    )
    return list(map(QueuedRun._make, db.all(sql, (limit,))))


def position_of(db: Database, run_id: str) -> int | None:
    """Return the place of a queued run among all that wait, from 1; None for one that does not wait."""
    before = f"SELECT count(*) FROM {_QUEUE} WHERE state = 'Queued' AND "  # noqa: S608
    # Three ranges of the index: one condition for all of them would look at every run that waits.
    sql = (
        f"SELECT ({before} priority > p) + ({before} priority = p AND {_RANK} < r)"  # noqa: S608
        f" + ({before} priority = p AND {_RANK} = r AND n <= at) AS n"
        f" FROM (SELECT priority AS p, {_RANK} AS r, n AS at FROM run WHERE id = ?)"
    )
    row = db.one(sql, (run_id,))
    return int(row["n"]) or None if row else None


def set_priority(db: Database, run_id: str, priority: int) -> None:
    """Have a run begin before those of a lower priority."""
    db.run("UPDATE run SET priority = ? WHERE id = ?", (priority, run_id))


def move_before(db: Database, run_id: str, other: str) -> None:
    """Put a queued run before another one, with its priority; an empty `other` is the end of its own priority."""
    if not other:
        sql = f"SELECT max({_RANK}) AS last FROM run WHERE state = 'Queued' AND priority = (SELECT priority FROM run WHERE id = ?)"  # noqa: S608, E501
        row = db.one(sql, (run_id,))
        db.run("UPDATE run SET queue_rank = ? WHERE id = ?", ((row["last"] or 0) + 1 if row else 1, run_id))
        return
    row = db.one(f"SELECT priority, {_RANK} AS place FROM run WHERE id = ?", (other,))  # noqa: S608
    if row is None:
        return
    before = db.one(
        f"SELECT max({_RANK}) AS place FROM run WHERE state = 'Queued' AND priority = ? AND {_RANK} < ? AND id <> ?",  # noqa: S608
        (row["priority"], row["place"], run_id),
    )
    first = before["place"] if before and before["place"] is not None else row["place"] - 1
    place = (first + row["place"]) / 2
    if not first < place < row["place"]:
        # No number is left between the two: those from `other` on move up.
        db.run(
            f"UPDATE run SET queue_rank = {_RANK} + 1 WHERE state = 'Queued' AND priority = ? AND {_RANK} >= ?",  # noqa: S608
            (row["priority"], row["place"]),
        )
        place = row["place"]
    db.run("UPDATE run SET priority = ?, queue_rank = ? WHERE id = ?", (row["priority"], place, run_id))


def active_by_compute(db: Database) -> dict[str, int]:
    """Return how many runs hold a place, by compute target."""
    active = [state for state in RunState if state.is_active()]
    marks = ", ".join("?" * len(active))
    sql = (
        # From the few that are under way, not from all that ever had such a label.
        "SELECT value, count(*) AS n FROM run CROSS JOIN label ON run_id = id AND kind = 'property' AND key = ?"  # noqa: S608
        f" WHERE state IN ({marks}) AND target <> ? GROUP BY value"
    )
    # A sweep takes no place of its own: its trials do.
    return {row["value"]: row["n"] for row in db.all(sql, (COMPUTE_TARGET, *active, SWEEP))}


def is_followed(db: Database, run_id: str) -> bool:
    """Whether another run of the same environment is in sight: in the queue, being prepared, or to come of a sweep."""
    sql = (
        "SELECT 1 FROM run AS own WHERE own.id = ? AND (EXISTS (SELECT 1 FROM run AS sweep WHERE sweep.id = own.parent"
        " AND sweep.target = ?) OR EXISTS (SELECT 1 FROM run AS other WHERE other.state IN (?, ?) AND"
        " other.target = own.target AND +other.environment = own.environment AND other.id <> own.id))"
    )
    return bool(db.all(sql, (run_id, SWEEP, RunState.QUEUED, RunState.PREPARING)))


def awaited_children(db: Database, targets: Sequence[str]) -> list[str]:
    """Return the oldest queued child of each run that is running and has no other child under way.

    Its parent holds a place and probably waits for it: without a place of its own it would wait for ever.

    Parameters
    ----------
    targets : sequence of str
        Where parent and child execute, for their place to count.
    """
    active, marks = _texts(state for state in RunState if state.is_active()), ", ".join("?" * len(targets))
    # From the few that run to their children, whatever else there is: the order of a CROSS JOIN stands, and a plus
    # keeps an index from being chosen.
    sql = (
        "SELECT min(child.n) AS n, child.id AS id FROM run AS parent CROSS JOIN run AS child"  # noqa: S608
        " ON child.parent = parent.id"
        f" WHERE parent.state = 'Running' AND parent.target IN ({marks}) AND +child.state = 'Queued'"
        f" AND +child.target IN ({marks}) AND NOT EXISTS (SELECT 1 FROM run AS other WHERE other.parent = parent.id"
        f" AND other.state IN ({active})) GROUP BY parent.id"
    )
    return [row["id"] for row in db.all(sql, (*targets, *targets))]


def _texts(states: Iterable[RunState]) -> str:
    return ", ".join(f"'{state}'" for state in states)


def count_unfinished(db: Database, target: str) -> int:
    """Return how many runs for `target` are queued or under way."""
    open_states = [state for state in RunState if not state.is_terminal()]
    marks = ", ".join("?" * len(open_states))
    row = db.one(f"SELECT count(*) AS n FROM run WHERE target = ? AND state IN ({marks})", (target, *open_states))  # noqa: S608
    return int(row["n"]) if row else 0


def count_active(db: Database, targets: Sequence[str] | None, *, without: Sequence[str] = ()) -> int:
    """Return how many runs of some targets hold a place; of all but `without`, and what takes none, for None."""
    active = [state for state in RunState if state.is_active()]
    marks = ", ".join("?" * len(active))
    names = targets if targets is not None else [*without, SWEEP, EXTERNAL]
    which = f"target {'IN' if targets is not None else 'NOT IN'} ({', '.join('?' * len(names))})"
    row = db.one(f"SELECT count(*) AS n FROM run WHERE state IN ({marks}) AND {which}", (*active, *names))  # noqa: S608
    return int(row["n"]) if row else 0
