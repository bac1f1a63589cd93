"""Metrics in the database: points and records, together with how far each journal was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.metrics import (
    Curve,
    LoggedPoint,
    LoggedPoints,
    MetricSource,
    Point,
    PointColumns,
    Record,
    RunMetrics,
    Scalar,
)
from desktop_aml.store.attached import origins
from desktop_aml.store.database import Database
from desktop_aml.store.points import table
from desktop_aml.store.summaries import metrics as metric_summaries
from desktop_aml.store.summaries.scalars import loaded

SUMMARY_SIZE = 8
"""How many metrics lists of runs show of one."""


def add_points(db: Database, run_id: str, points: Iterable[LoggedPoint]) -> dict[str, PointColumns]:
    """Append scalars to their curves and return them with their index. Call inside a transaction."""
    added: dict[str, PointColumns] = {}
    for name, columns in (points if isinstance(points, LoggedPoints) else LoggedPoints(points)).by_name():
        metric_id, first = _metric(db, run_id, name, "scalar")
        added[name] = PointColumns(first, *columns)
        table.add(db, metric_id, added[name])
        metric_summaries.extend(db, metric_id, added[name])
    if added:
        _update_summary(db, run_id, {name: one.values[-1] for name, one in added.items()})
    return added


def add_records(db: Database, run_id: str, records: Sequence[tuple[str, str, float, object]]) -> None:
    """Append lists, rows, tables, images and charts. Call inside a transaction."""
    for name, kind, at, data in records:
        metric_id, count = _metric(db, run_id, name, kind)
        db.run(
            "INSERT INTO record (metric_id, n, at, data) VALUES (?, ?, ?, ?)", (metric_id, count, at, json.dumps(data))
        )
        db.run("UPDATE metric SET count = ? WHERE id = ?", (count + 1, metric_id))


def journal_positions(db: Database, run_id: str) -> dict[str, int]:
    """Return up to which byte each journal file of a run was read."""
    rows = db.all("SELECT file, position FROM journal WHERE run_id = ?", (run_id,))
    return {row["file"]: row["position"] for row in rows}


def set_journal_position(db: Database, run_id: str, file: str, position: int, *, damaged: int = 0) -> None:
    """Store how far a journal was read, in the transaction that stores what was read.

    Parameters
    ----------
    damaged : int
        Records of the part just read that could not be taken; they are added up.
    """
    db.run(
        "INSERT INTO journal (run_id, file, position, damaged) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (run_id, file) DO UPDATE SET position = excluded.position, damaged = damaged + excluded.damaged",
        (run_id, file, position, damaged),
    )


def read(db: Database, run_id: str, sources: Mapping[str, MetricSource] | None = None) -> RunMetrics:
    """Return everything a run logged, and what was captured of it.

    Parameters
    ----------
    sources : mapping of str to MetricSource, optional
        Where metrics come from that the script did not log itself, by name; see `store.summaries.captured`.
    """
    known, own = sources or {}, MetricSource.LOGGED
    curves = []
    if db.is_united and (origin := origins.origin_of(db, run_id)) is not None:
        names = [row[0] for row in db.all("SELECT name FROM metric WHERE run_id = ? ORDER BY id", (run_id,))]
        return RunMetrics(tuple(Curve(name, _attached_points(origin, name)) for name in names), (), run_id)
    for metric in db.all("SELECT id, name FROM metric WHERE run_id = ? AND kind = 'scalar' ORDER BY id", (run_id,)):
        with db.reading():
            points = tuple(Point(n, value, step, at) for n, step, at, value in table.read(db, metric["id"]))
        curves.append(Curve(metric["name"], points, known.get(metric["name"], own)))
    return RunMetrics(tuple(curves), read_records(db, run_id, known), run_id)


def _attached_points(origin: origins.Origin, name: str) -> tuple[Point, ...]:
    # Imported here, as elsewhere: most workspaces have nothing attached.
    from desktop_aml.store.attached import reading as attached

    try:
        return tuple(attached.points(origin, name))
    except StorageError:
        # It is listed as gone; what is known of the run is shown all the same.
        return ()


def read_records(db: Database, run_id: str, sources: Mapping[str, MetricSource] | None = None) -> tuple[Record, ...]:
    """Return the lists, rows, tables, images and charts of a run; `sources` as for `read`."""
    rows = db.all(
        "SELECT name, metric.kind, n, at, data FROM metric JOIN record ON metric_id = id"
        " WHERE run_id = ? AND metric.kind <> 'scalar' ORDER BY id, n",
        (run_id,),
    )
    known, own = sources or {}, MetricSource.LOGGED
    return tuple(Record(row[0], row[1], row[2], row[3], json.loads(row[4]), known.get(row[0], own)) for row in rows)


def last_values(db: Database, run_id: str) -> dict[str, Scalar]:
    """Return the last value of each scalar of a run, in the order they were first logged."""
    # Of a text the metric has the beginning only. Texts are never packed; attached runs have no points here.
    rows = db.all(
        "SELECT name, last_kind, iif(last_kind = 's', coalesce((SELECT value FROM point WHERE metric_id = id"
        " AND n = count - 1), last), last) FROM metric WHERE run_id = ? AND kind = 'scalar' ORDER BY id",
        (run_id,),
    )
    return {row[0]: loaded(row[1], row[2]) for row in rows}


def _metric(db: Database, run_id: str, name: str, kind: str) -> tuple[int, int]:
    row = db.one("SELECT id, count FROM metric WHERE run_id = ? AND name = ? AND kind = ?", (run_id, name, kind))
    if row is not None:
        return int(row["id"]), int(row["count"])
    cursor = db.run("INSERT INTO metric (run_id, name, kind) VALUES (?, ?, ?)", (run_id, name, kind))
    return int(cursor.lastrowid or 0), 0


def _update_summary(db: Database, run_id: str, last: Mapping[str, Scalar]) -> None:
    row = db.one("SELECT summary FROM run WHERE id = ?", (run_id,))
    summary = dict(json.loads(row["summary"])) if row else {}
    for name, value in last.items():
        if value is not None and (name in summary or len(summary) < SUMMARY_SIZE):
            summary[name] = value if not isinstance(value, str) else value[:100]
    db.run("UPDATE run SET summary = ? WHERE id = ?", (json.dumps(list(summary.items())), run_id))
