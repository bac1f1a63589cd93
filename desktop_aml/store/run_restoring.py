"""Runs come back into a new database as their folders describe them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import SWEEP, RunDetail, RunState
from desktop_aml.store import experiments, run_losses, runs
from desktop_aml.store.database import Database


def restore(db: Database, request: SubmitRun, detail: RunDetail | None, *, at: float) -> None:
    """Store a run as its folder describes it, when the database is rebuilt; without `detail` it was not over."""
    if request.sweep is not None:
        request = replace(request, target=SWEEP)
    label, _, version = (detail.summary.environment if detail else request.environment).partition(":")
    runs.insert(
        db,
        request,
        environment=detail.summary.environment if detail else label,
        version=int(version) if version.isdigit() else None,
        seed=0,
        at=detail.summary.created_at if detail else at,
    )
    if detail is None:
        words = "The database was rebuilt, and the end of this run was not recorded."
        db.run("UPDATE run SET state = ?, error = ? WHERE id = ?", (RunState.FAILED, words, request.run_id))
        runs.record_history(db, request.run_id, RunState.FAILED, at, words)
        return
    run = detail.summary
    runs.unindex(db, run.id)
    experiments.move_run(db, run.id, run.experiment, at=at)  # its code may have chosen another than was asked for
    db.run(
        "UPDATE run SET number = ?, display_name = ?, state = ?, started_at = ?, ended_at = ?, duration = ?,"
        " attempt = ?, error = ? WHERE id = ?",
        (
            run.number,
            run.display_name,
            run.state,
            run.started_at,
            run.ended_at,
            run.duration_s(at),
            run.attempt,
            run.error,
            run.id,
        ),
    )
    runs.index(db, run.id)
    outcome = json.dumps(asdict(detail.outcome)) if detail.outcome else None
    db.run(
        "UPDATE run_detail SET command = ?, lock_hash = ?, python_version = ?, outcome = ?, hint = ?,"
        " error_details = ?, description = ? WHERE run_id = ?",
        (
            json.dumps(db.portable.kept(detail.command)),
            detail.lock_hash,
            detail.python_version,
            outcome,
            detail.hint,
            detail.error_details,
            detail.description,
            run.id,
        ),
    )
    db.run("DELETE FROM history WHERE run_id = ?", (run.id,))
    for change in detail.history:
        runs.record_history(db, run.id, change.state, change.at, change.note)
    runs.set_labels(db, run.id, "tag", detail.tags)
    runs.set_labels(db, run.id, "property", detail.properties)
    run_losses.set_left_out(db, run.id, detail.left_out)
