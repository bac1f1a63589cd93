"""Runs in the database: submitting, moving through the state table, labels, history, queries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.domain.errors import InvalidTransition, NotFound
from desktop_aml.domain.names import pleasant_name, title
from desktop_aml.domain.parameters import of_arguments
from desktop_aml.domain.runs import (
    ATTACHED,
    Artifact,
    RunDetail,
    RunEvent,
    RunOutcome,
    RunState,
    RunSummary,
    StateChange,
    next_state,
)
from desktop_aml.store import experiments, parameters, pools, run_losses
from desktop_aml.store.database import Database
from desktop_aml.store.record import readable
from desktop_aml.store.summaries import shown

if TYPE_CHECKING:
    from desktop_aml.domain.requests import SubmitRun

SUMMARY_COLUMNS = (
    "id, number, experiment, display_name, state, script, target, environment, created_at, started_at, ended_at,"
    " attempt, error, summary, parent, starred, archived_at, deleted_at"
)
_STATES: Final = {str(one): one for one in RunState}
"""By their texts: lists have very many, and a look takes a fifth of the time of a call."""


def insert(db: Database, request: SubmitRun, *, environment: str, version: int | None, seed: int, at: float) -> bool:
    """Queue a run; return False when a run with this id is already there. Call inside a transaction."""
    if db.one("SELECT 1 FROM run WHERE id = ?", (request.run_id,)):
        return False
    db.run(
        "INSERT INTO experiment (name, created_at, runs) VALUES (?, ?, 1)"
        " ON CONFLICT (name) DO UPDATE SET runs = runs + 1",
        (request.experiment, at),
    )
    experiments.take_out(db, request.experiment, at)
    row = db.one("SELECT runs FROM experiment WHERE name = ?", (request.experiment,))
    number = int(row["runs"]) if row else 1
    db.run(
        "INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at, parent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            request.run_id,
            number,
            request.experiment,
            title(request.display_name) or pleasant_name(seed, number),
            RunState.QUEUED,
            request.script,
            request.target,
            environment,
            at,
            request.parent,
        ),
    )
    db.run(
        "INSERT INTO run_detail (run_id, arguments, source_directory, environment_version, env_vars, timeout_s,"
        " description) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            request.run_id,
            json.dumps(db.portable.kept(request.arguments)),
            db.portable.kept(request.source_directory),
            version,
            json.dumps(db.portable.kept(request.env_vars)),
            request.timeout_s,
            request.description,
        ),
    )
    index(db, request.run_id)
    parameters.put(db, request.run_id, of_arguments(request.arguments, request.command_line))
    set_labels(db, request.run_id, "tag", request.tags)
    set_labels(db, request.run_id, "property", request.properties)
    record_history(db, request.run_id, RunState.QUEUED, at, "")
    return True


def move(
    db: Database,
    run_id: str,
    event: RunEvent,
    *,
    at: float,
    note: str = "",
    outcome: RunOutcome | None = None,
    error: str = "",
    hint: str = "",
    details: str = "",
) -> StateChange:
    """Move a run, guarded by the state it was read in; write history and times with it. Call inside a transaction.

    Raises
    ------
    InvalidTransition
        When the state table holds no such move, or the run moved meanwhile.
    """
    row = db.one("SELECT state, attempt, started_at FROM run WHERE id = ?", (run_id,))
    if row is None:
        raise NotFound(f"There is no run “{run_id}”.")
    old = RunState(row["state"])
    new = next_state(old, event, attempt=row["attempt"])
    changes: dict[str, object] = {"state": new}
    if event in {RunEvent.CLAIMED, RunEvent.PUT_BACK}:
        changes["attempt"] = row["attempt"] + (1 if event is RunEvent.CLAIMED else -1)
    if event is RunEvent.STARTED and row["started_at"] is None:
        changes["started_at"] = at
    if new is RunState.FINALIZING or (new.is_terminal() and old is not RunState.FINALIZING):
        _close_times(changes, row["started_at"], outcome, at)
    if error and new is not RunState.QUEUED:
        changes["error"] = error
    names = ", ".join(f"{name} = ?" for name in changes)
    done = db.run(f"UPDATE run SET {names} WHERE id = ? AND state = ?", (*changes.values(), run_id, old))  # noqa: S608
    if done.rowcount != 1:
        raise InvalidTransition(f"The run “{run_id}” moved meanwhile.")
    if outcome is not None or error:
        db.run(
            "UPDATE run_detail SET outcome = coalesce(?, outcome), hint = ?, error_details = ? WHERE run_id = ?",
            (json.dumps(asdict(outcome)) if outcome else None, hint, details, run_id),
        )
    return record_history(db, run_id, new, at, note or error)


def _close_times(changes: dict[str, object], started_at: float | None, outcome: RunOutcome | None, at: float) -> None:
    started = outcome.started_at if outcome and outcome.started_at else started_at
    ended = outcome.ended_at if outcome and outcome.ended_at else at
    changes["ended_at"] = ended
    if started is not None:
        changes["started_at"] = started
        changes["duration"] = max(0.0, ended - started)


def record_history(db: Database, run_id: str, state: RunState, at: float, note: str) -> StateChange:
    """Add a row to a run's history and return it."""
    cursor = db.run("INSERT INTO history (run_id, state, at, note) VALUES (?, ?, ?, ?)", (run_id, state, at, note))
    return StateChange(int(cursor.lastrowid or 0), state, at, note)


def set_labels(db: Database, run_id: str, kind: str, labels: Mapping[str, str]) -> None:
    """Add or change tags or properties of a run."""
    db.run_many(
        "INSERT INTO label (run_id, kind, key, value) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (run_id, kind, key) DO UPDATE SET value = excluded.value",
        [(run_id, kind, key, value) for key, value in labels.items()],
    )


def remove_tags(db: Database, run_id: str, keys: Sequence[str]) -> None:
    """Remove tags of a run."""
    db.run_many("DELETE FROM label WHERE run_id = ? AND kind = 'tag' AND key = ?", [(run_id, key) for key in keys])


def rename(db: Database, run_id: str, display_name: str) -> None:
    """Set a run's display name."""
    unindex(db, run_id)
    db.run("UPDATE run SET display_name = ? WHERE id = ?", (display_name, run_id))
    index(db, run_id)


def describe(db: Database, run_id: str, description: str) -> None:
    """Set a run's description."""
    db.run("UPDATE run_detail SET description = ? WHERE run_id = ?", (description, run_id))


def set_attempt(db: Database, run_id: str, *, nonce: str, handle: str, command: Sequence[str]) -> None:
    """Record how the work of the present attempt is found again, before it is started."""
    db.run(
        "UPDATE run_detail SET nonce = ?, handle = ?, command = ? WHERE run_id = ?",
        (nonce, db.portable.kept(handle), json.dumps(db.portable.kept(command)), run_id),
    )


def set_lock(db: Database, run_id: str, *, lock_hash: str, python_version: str) -> None:
    """Record the exact packages that a run uses."""
    db.run(
        "UPDATE run_detail SET lock_hash = ?, python_version = ? WHERE run_id = ?", (lock_hash, python_version, run_id)
    )


def replace_artifacts(db: Database, run_id: str, artifacts: Sequence[Artifact]) -> None:
    """Store the files that a run left behind."""
    db.run("DELETE FROM artifact WHERE run_id = ?", (run_id,))
    db.run_many(
        "INSERT INTO artifact (run_id, path, size, sha256) VALUES (?, ?, ?, ?)",
        [(run_id, artifact.path, artifact.size_bytes, artifact.sha256) for artifact in artifacts],
    )


def add_artifacts(db: Database, run_id: str, artifacts: Sequence[Artifact]) -> None:
    """Store more files of a run; one that it has already stays as it is."""
    db.run_many(
        "INSERT INTO artifact (run_id, path, size, sha256) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(run_id, artifact.path, artifact.size_bytes, artifact.sha256) for artifact in artifacts],
    )


def properties(db: Database, run_id: str) -> dict[str, str]:
    """Return the properties of a run."""
    return dict(map(tuple, db.all("SELECT key, value FROM label WHERE run_id = ? AND kind = 'property'", (run_id,))))


def delete(db: Database, run_id: str) -> None:
    """Remove a run and everything that hangs on it; its children stay, as runs of their own."""
    unindex(db, run_id)
    db.run("UPDATE run SET parent = '' WHERE parent = ?", (run_id,))
    db.run("DELETE FROM run WHERE id = ?", (run_id,))


def index(db: Database, run_id: str) -> None:
    """Make a run findable by its words."""
    db.run(
        "INSERT INTO run_text (rowid, display_name, experiment, script, id)"
        " SELECT n, display_name, experiment, script, id FROM run WHERE id = ?",
        (run_id,),
    )


def unindex(db: Database, run_id: str) -> None:
    """Forget a run's words, before they change."""
    db.run(
        "INSERT INTO run_text (run_text, rowid, display_name, experiment, script, id)"
        " SELECT 'delete', n, display_name, experiment, script, id FROM run WHERE id = ?",
        (run_id,),
    )


def in_states(db: Database, states: Sequence[RunState]) -> list[tuple[str, RunState]]:
    """Return id and state of the runs in these states, oldest first; nothing has to be done for those attached."""
    marks = ", ".join("?" * len(states))
    also = f" AND target <> '{ATTACHED}'" if db.is_united else ""
    rows = db.all(f"SELECT id, state FROM run WHERE state IN ({marks}){also} ORDER BY n", tuple(states))  # noqa: S608
    return [(row["id"], RunState(row["state"])) for row in rows]


@readable.record("run")
def summary_from(row: sqlite3.Row, *, facts: Sequence[Any] = ()) -> RunSummary:
    """Build the value of one row that begins with `SUMMARY_COLUMNS`, which are its fields in their order.

    Parameters
    ----------
    facts : sequence, optional
        What follows those fields: parameters, tags, use and metrics.
    """
    parts: list[Any] = [*row[:4], _STATES[row[4]], *row[5:13], shown.read(row[13]), row[14], bool(row[15])]
    return RunSummary(*parts, *row[16:18], *facts)


@readable.record("run")
def get(db: Database, run_id: str) -> RunDetail:
    """Return everything about one run.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    row = db.one(f"SELECT {SUMMARY_COLUMNS}, n, priority, queue_rank FROM run WHERE id = ?", (run_id,))  # noqa: S608
    detail = db.one("SELECT * FROM run_detail WHERE run_id = ?", (run_id,))
    if row is None or detail is None:
        raise NotFound(f"There is no run “{run_id}” in this workspace.", "List them with: desktop-aml run list")
    labels = db.all("SELECT kind, key, value FROM label WHERE run_id = ? ORDER BY key", (run_id,))
    position = pools.position_of(db, run_id) if row["state"] == RunState.QUEUED else None
    return RunDetail(
        summary=summary_from(row),
        arguments=tuple(db.portable.here(json.loads(detail["arguments"]))),
        command=tuple(db.portable.here(json.loads(detail["command"]))),
        source_directory=db.portable.here(detail["source_directory"]),
        run_directory="",
        environment_version=detail["environment_version"],
        lock_hash=detail["lock_hash"],
        python_version=detail["python_version"],
        timeout_s=detail["timeout_s"],
        tags={label["key"]: label["value"] for label in labels if label["kind"] == "tag"},
        properties={label["key"]: label["value"] for label in labels if label["kind"] == "property"},
        history=history(db, run_id),
        outcome=RunOutcome(**json.loads(detail["outcome"])) if detail["outcome"] else None,
        queue_position=position,
        priority=row["priority"],
        queue_rank=row["queue_rank"],
        error_details=detail["error_details"],
        hint=detail["hint"],
        description=detail["description"],
        damaged_records=run_losses.damaged_records(db, run_id),
        left_out=run_losses.left_out(db, run_id),
        parameters=parameters.of_run(db, run_id),
    )


def newest_of(db: Database, name: str, limit: int) -> tuple[RunSummary, ...]:
    """Return the newest runs whose target is `name`, or which Azure ML code submitted to a compute target of it."""
    rows = db.all(
        f"SELECT {SUMMARY_COLUMNS} FROM run WHERE target = ? OR id IN (SELECT run_id FROM label"  # noqa: S608
        " WHERE kind = 'property' AND key = ? AND value = ?) ORDER BY n DESC LIMIT ?",
        (name, pools.COMPUTE_TARGET, name, limit),
    )
    return tuple(readable.those(summary_from, rows))


def state_of(db: Database, run_id: str) -> RunState:
    """Return the state of a run.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    row = db.one("SELECT state FROM run WHERE id = ?", (run_id,))
    if row is None:
        raise NotFound(f"There is no run “{run_id}” in this workspace.", "List them with: desktop-aml run list")
    return RunState(row["state"])


def is_over(db: Database, run_id: str) -> bool | None:
    """Return whether a run has ended; None when there is no run with this id."""
    row = db.one("SELECT state FROM run WHERE id = ?", (run_id,))
    return None if row is None else RunState(row["state"]).is_terminal()


@readable.record("run")
def attempt_of(db: Database, run_id: str) -> tuple[str, str, dict[str, str]]:
    """Return the handle, the nonce and the extra environment variables of a run."""
    row = db.one("SELECT handle, nonce, env_vars FROM run_detail WHERE run_id = ?", (run_id,))
    if row is None:
        raise NotFound(f"There is no run “{run_id}” in this workspace.")
    return db.portable.here(row["handle"]), row["nonce"], db.portable.here(json.loads(row["env_vars"]))


def history(db: Database, run_id: str) -> tuple[StateChange, ...]:
    """Return every state that a run was in, first one first."""
    rows = db.all("SELECT sequence, state, at, note FROM history WHERE run_id = ? ORDER BY sequence", (run_id,))
    return tuple(StateChange(row["sequence"], RunState(row["state"]), row["at"], row["note"]) for row in rows)


def children(db: Database, run_id: str) -> tuple[RunSummary, ...]:
    """Return the runs that a run started as its children, oldest first."""
    rows = db.all(f"SELECT {SUMMARY_COLUMNS} FROM run WHERE parent = ? AND deleted_at IS NULL ORDER BY n", (run_id,))  # noqa: S608
    return tuple(readable.those(summary_from, rows))


def artifacts(db: Database, run_id: str) -> tuple[Artifact, ...]:
    """Return the files that a run left behind, by path."""
    rows = db.all("SELECT path, size, sha256 FROM artifact WHERE run_id = ? ORDER BY path", (run_id,))
    return tuple(Artifact(row["path"], row["size"], row["sha256"]) for row in rows)


def find(db: Database, wanted: str) -> str:
    """Return the id that `wanted` means: an id, ``latest``, a display name, or the beginning of one id.

    The latest is the newest that somebody started: a sweep, not a trial of it, and no child that a script made.

    Raises
    ------
    NotFound
        When it means none, or more than one.
    """
    if wanted == "latest":
        own = f" AND target <> '{ATTACHED}'" if db.is_united else ""
        rows = db.all(f"SELECT id FROM run WHERE parent = '' AND deleted_at IS NULL{own} ORDER BY n DESC LIMIT 1")  # noqa: S608
    else:
        rows = (
            db.all("SELECT id FROM run WHERE id = ?", (wanted,))
            or db.all("SELECT id FROM run WHERE display_name = ? AND deleted_at IS NULL LIMIT 2", (wanted,))
            or db.all("SELECT id FROM run WHERE display_name = ? LIMIT 2", (wanted,))
            or db.all("SELECT id FROM run WHERE id >= ? AND id < ? LIMIT 3", (wanted, wanted + "\U0010ffff"))
        )
    if len(rows) == 1:
        return str(rows[0]["id"])
    if rows:
        raise NotFound(f"“{wanted}” means more than one run.", "Give more of the id: desktop-aml run list")
    raise NotFound(f"There is no run “{wanted}” in this workspace.", "List them with: desktop-aml run list")


def state_counts(db: Database, experiment: str | None = None) -> dict[RunState, int]:
    """Return how many runs are in each state; of all experiments, those of the workspace's own."""
    where = "WHERE experiment = ?" if experiment else f"WHERE target <> '{ATTACHED}'" if db.is_united else ""
    rows = db.all(f"SELECT state, count(*) AS n FROM run {where} GROUP BY state", (experiment,) if experiment else ())  # noqa: S608
    return {state: row["n"] for row in rows for state in RunState if state == row["state"]}


def has_target(db: Database, target: str) -> bool:
    """Whether any run was to execute at `target`."""
    return db.one("SELECT 1 FROM run WHERE target = ? LIMIT 1", (target,)) is not None
