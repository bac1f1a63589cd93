"""Runs as MLflow's clients ask for them, many at a time: one question for each table, not one for each run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.domain.runs import RunSummary
from desktop_aml.store import documents
from desktop_aml.store.database import Database
from desktop_aml.store.runs import SUMMARY_COLUMNS, summary_from
from desktop_aml.store.summaries import captured
from desktop_aml.store.summaries.metrics import newest
from desktop_aml.store.tracking.points import Row

_AT_ONCE: Final = 500
"""SQLite takes at least 999 values in one question."""


@dataclass(slots=True)
class StoredRun:
    """What the database has of one run. `metrics` holds the point of each with the greatest step."""

    summary: RunSummary
    description: str
    tags: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Row] = field(default_factory=dict)
    documents: dict[tuple[str, str], object] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    """Up to which byte each of its journals is stored."""


def runs_of(db: Database, run_ids: Sequence[str]) -> Iterator[StoredRun]:
    """Return those of the runs that there are, in the order of their ids; call within one transaction."""
    for start in range(0, len(run_ids), _AT_ONCE):
        yield from _some(db, run_ids[start : start + _AT_ONCE])


def _some(db: Database, run_ids: Sequence[str]) -> list[StoredRun]:
    marks = ",".join("?" * len(run_ids))
    rows = db.all(
        f"SELECT {SUMMARY_COLUMNS}, description FROM run JOIN run_detail ON run_id = id"  # noqa: S608  marks only
        f" WHERE id IN ({marks})",
        run_ids,
    )
    found = {row["id"]: StoredRun(summary_from(row), row["description"]) for row in rows}
    of_these = f"WHERE run_id IN ({marks})"
    for row in db.all(f"SELECT run_id, key, value FROM label {of_these} AND kind = 'tag' ORDER BY +key", run_ids):  # noqa: S608
        found[row["run_id"]].tags[row["key"]] = row["value"]
    logged = f"SELECT run_id, name, text FROM parameter {of_these} AND source = ? ORDER BY place"  # noqa: S608
    for row in db.all(logged, (*run_ids, ParameterSource.LOGGED)):
        found[row["run_id"]].parameters[row["name"]] = db.portable.here(row["text"])
    for row in db.all(f"SELECT run_id, kind, key, body FROM document {of_these} ORDER BY place", run_ids):  # noqa: S608
        found[row["run_id"]].documents[row["kind"], row["key"]] = documents.body_of(row)
    for row in db.all(f"SELECT run_id, file, position FROM journal {of_these}", run_ids):  # noqa: S608
        found[row["run_id"]].positions[row["file"]] = row["position"]
    for run_id, name, point in newest(db, run_ids):
        # MLflow's clients ask for what was logged, not for what was captured.
        if (captured.KIND, name) not in found[run_id].documents:
            found[run_id].metrics[name] = point
    return [found[run_id] for run_id in run_ids if run_id in found]
