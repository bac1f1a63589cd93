"""Runs come back into a new database as their folders describe them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Final

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.domain.values import dataclass
from desktop_aml.store import documents, parameters, run_losses, runs
from desktop_aml.store.database import Database
from desktop_aml.store.record import rows
from desktop_aml.store.record.rows import StoredExperiment

_GREATEST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Attempt:
    """How the work of a run's present attempt is found again; a `number` of 0 is none."""

    number: int = 0
    handle: str = ""
    nonce: str = ""


def restore(
    db: Database,
    request: SubmitRun,
    detail: RunDetail,
    attempt: Attempt,
    *,
    state: RunState,
    order: int = 0,
    kept_documents: Mapping[tuple[str, str], object] = MappingProxyType({}),
) -> None:
    """Store a run as its folder describes it. Call inside a transaction.

    Parameters
    ----------
    state : RunState
        Where it is to go on from; usually what `detail` says.
    order : int
        Its place among all runs; 0 is the next one.
    kept_documents : mapping of (str, str) to object
        Its documents by kind and key.
    """
    run = detail.summary
    rows.restore_experiment(db, StoredExperiment(run.experiment, run.created_at, run.number))
    is_free = 0 < order < _GREATEST and db.one("SELECT 1 FROM run WHERE n = ?", (order,)) is None
    has_duration = run.started_at is not None and run.ended_at is not None
    _insert(
        db,
        "run",
        {
            "n": order if is_free else None,
            "id": run.id,
            "number": run.number,
            "experiment": run.experiment,
            "display_name": run.display_name,
            "state": state,
            "script": run.script,
            "target": run.target,
            "environment": run.environment,
            "created_at": run.created_at,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "duration": max(0.0, run.ended_at - run.started_at) if has_duration else None,  # type: ignore[operator]
            "attempt": attempt.number,
            "error": run.error,
            "parent": run.parent,
            **_put_by_people(detail),
        },
    )
    kept = db.portable.kept
    _insert(
        db,
        "run_detail",
        {
            "run_id": run.id,
            "arguments": json.dumps(kept(detail.arguments)),
            "command": json.dumps(kept(detail.command)),
            "source_directory": kept(detail.source_directory),
            "environment_version": detail.environment_version,
            "env_vars": json.dumps(kept(request.env_vars)),
            "timeout_s": detail.timeout_s,
            "nonce": attempt.nonce,
            "handle": kept(attempt.handle),
            "lock_hash": detail.lock_hash,
            "python_version": detail.python_version,
            "outcome": json.dumps(asdict(detail.outcome)) if detail.outcome else None,
            "hint": detail.hint,
            "error_details": detail.error_details,
            "description": detail.description,
        },
    )
    for change in detail.history:
        row = {"run_id": run.id, "state": change.state, "at": change.at, "note": change.note}
        taken = db.one("SELECT 1 FROM history WHERE sequence = ?", (change.sequence,))
        number = change.sequence if taken is None and 0 < change.sequence < _GREATEST else None
        _insert(db, "history", {"sequence": number, **row})
    runs.index(db, run.id)
    runs.set_labels(db, run.id, "tag", detail.tags)
    runs.set_labels(db, run.id, "property", detail.properties)
    parameters.put(db, run.id, detail.parameters)
    documents.put(db, run.id, kept_documents)
    run_losses.set_left_out(db, run.id, detail.left_out)


def _put_by_people(detail: RunDetail) -> dict[str, object]:
    """Return where people have put a run: its shelf, and its place in the queue."""
    run = detail.summary
    shelf = {"starred": int(run.starred), "archived_at": run.archived_at, "deleted_at": run.deleted_at}
    return {**shelf, "priority": detail.priority, "queue_rank": detail.queue_rank}


def _insert(db: Database, table: str, row: dict[str, object]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    db.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - names of columns
