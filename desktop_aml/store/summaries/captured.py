"""Metrics that a script did not log itself: which they are, and how they make way for what it logged.

They lie beside the others, so that tables, plots and comparisons have them; a document of the run says of each name
where it comes from. What the script logged under a name wins over what was seen of it, and that over what was read
from its log, in whichever order they arrive.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from desktop_aml.domain.metrics import MetricSource, PointColumns, Scalar
from desktop_aml.store import documents, metrics
from desktop_aml.store.database import Database

KIND: Final = "captured metric"
"""The kind of the documents that say where a metric comes from."""

NOT_CAPTURED: Final = (
    "NOT EXISTS (SELECT 1 FROM document WHERE document.run_id = metric.run_id"  # noqa: S608  fixed texts
    f" AND document.kind = '{KIND}' AND document.key = metric.name)"
)
"""Condition on rows of metrics: that the script logged it itself."""

_NAMES_AT_MOST: Final = 300
_RANK: Final = {MetricSource.PRINTED: 0, MetricSource.CAPTURED: 1, MetricSource.LOGGED: 2}

CapturedPoint = tuple[MetricSource, tuple[str, int | None, float, Scalar]]
CapturedRecord = tuple[MetricSource, tuple[str, str, float, object]]


def sources(db: Database, run_id: str) -> dict[str, MetricSource]:
    """Return where the metrics come from that the script did not log itself, by name."""
    rows = db.all("SELECT key, body FROM document WHERE run_id = ? AND kind = ?", (run_id, KIND))
    return {row["key"]: MetricSource(json.loads(row["body"])) for row in rows}


def make_way(db: Database, run_id: str, names: Iterable[str]) -> bool:
    """Remove what was captured under names that the script logs itself; return whether there was any.

    What was captured gives up its place among the few values that lists of runs show, too.
    """
    logged = set(names)
    if not logged:
        return False
    known = sources(db, run_id)
    found = logged & known.keys()
    if found:
        _remove(db, run_id, found)
    if known:
        _make_room(db, run_id, logged, known.keys() - found)
    return bool(found)


def put_own_first(db: Database, run_id: str) -> None:
    """Let what the script logged itself come first among the few values that lists show, whatever was read first."""
    known = sources(db, run_id)
    if not known:
        return
    summary = _summary(db, run_id)
    ordered = sorted(summary, key=lambda pair: pair[0] in known)
    if ordered != summary:
        _set_summary(db, run_id, ordered)


def add(
    db: Database, run_id: str, points: Sequence[CapturedPoint], records: Sequence[CapturedRecord]
) -> dict[str, PointColumns]:
    """Store what was captured, where nothing better has its name; return the points with their index."""
    wanted: dict[str, MetricSource] = {}
    for source, named in (*points, *records):
        before = wanted.get(named[0], source)
        wanted[named[0]] = max(before, source, key=_RANK.__getitem__)
    known = sources(db, run_id)
    rows = db.all("SELECT DISTINCT name FROM metric WHERE run_id = ?", (run_id,))
    there = {row["name"]: known.get(row["name"], MetricSource.LOGGED) for row in rows}
    taken: dict[str, MetricSource] = {}
    for name, source in wanted.items():
        better = name in there and _RANK[there[name]] > _RANK[source]
        is_too_many = name not in there and len(known) + len(taken) >= _NAMES_AT_MOST
        if not better and not is_too_many:
            taken[name] = source
    worse = {name for name, source in taken.items() if name in there and there[name] is not source}
    if worse:
        _remove(db, run_id, worse)
    new = {(KIND, name): str(source) for name, source in taken.items() if known.get(name) is not source}
    documents.put(db, run_id, new)
    metrics.add_records(db, run_id, [record for source, record in records if taken.get(record[0]) is source])
    return metrics.add_points(db, run_id, [point for source, point in points if taken.get(point[0]) is source])


def _make_room(db: Database, run_id: str, logged: Collection[str], seen: Collection[str]) -> None:
    summary = _summary(db, run_id)
    shown = {name for name, _ in summary}
    missing = len(summary) + len(set(logged) - shown) - metrics.SUMMARY_SIZE
    leaving = [name for name, _ in summary if name in seen][::-1][: max(0, missing)]
    if leaving:
        _set_summary(db, run_id, [pair for pair in summary if pair[0] not in leaving])


def _summary(db: Database, run_id: str) -> list[tuple[str, object]]:
    row = db.one("SELECT summary FROM run WHERE id = ?", (run_id,))
    return [tuple(pair) for pair in json.loads(row["summary"])] if row else []


def _set_summary(db: Database, run_id: str, summary: Sequence[tuple[str, object]]) -> None:
    db.run("UPDATE run SET summary = ? WHERE id = ?", (json.dumps(summary), run_id))


def _remove(db: Database, run_id: str, names: Collection[str]) -> None:
    for name in names:
        db.run("DELETE FROM metric WHERE run_id = ? AND name = ?", (run_id, name))
        db.run("DELETE FROM document WHERE run_id = ? AND kind = ? AND key = ?", (run_id, KIND, name))
    _set_summary(db, run_id, [pair for pair in _summary(db, run_id) if pair[0] not in names])
