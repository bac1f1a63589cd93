"""The database of MLflow (``mlflow.db``), of any version whose tables these are."""

from __future__ import annotations

import math
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from desktop_aml.domain.metrics import Point
from desktop_aml.domain.runs import RunState
from desktop_aml.store.attached.sqlite_file import columns, has_tables, opened
from desktop_aml.store.attached.values import MOST_RUNS, STATES, Kind, SourceRun, clipped

_TABLES: Final = {"runs", "experiments", "metrics", "params", "tags"}
_PARENT, _NAME, _NOTE, _SCRIPT = "mlflow.parentRunId", "mlflow.runName", "mlflow.note.content", "mlflow.source.name"
_POINTS: Final = (
    "SELECT {key}value, timestamp, step, {nan} FROM metrics WHERE {where} ORDER BY {key}timestamp, step, rowid"
)


def _runs(path: Path) -> Iterator[SourceRun]:
    with opened(path) as db:
        has_name = "name" in columns(db, "runs")
        rows = db.execute(
            f"SELECT r.run_uuid, {'r.name' if has_name else 'NULL'}, r.status, r.start_time, r.end_time,"  # noqa: S608
            " r.lifecycle_stage, r.artifact_uri, e.name, e.lifecycle_stage FROM runs r"
            " JOIN experiments e ON e.experiment_id = r.experiment_id ORDER BY r.start_time, r.run_uuid LIMIT ?",
            (MOST_RUNS,),
        ).fetchall()
        for row in rows:
            yield _run(db, path, row)


def _run(db: sqlite3.Connection, path: Path, row: tuple[Any, ...]) -> SourceRun:
    run_id, name, status, started, ended, stage, uri, experiment, experiment_stage = row
    tags = _pairs(db, "tags", run_id)
    return SourceRun(
        key=str(run_id),
        id=str(run_id),
        name=clipped(tags.get(_NAME) or name or run_id),
        experiment=clipped(experiment),
        state=STATES.get(str(status), RunState.RUNNING),
        created_at=_seconds(started) or 0.0,
        ended_at=_seconds(ended),
        script=tags.get(_SCRIPT, ""),
        parent=tags.get(_PARENT, ""),
        note=tags.get(_NOTE, ""),
        deleted="deleted" in {stage, experiment_stage},
        tags=tags,
        parameters=_pairs(db, "params", run_id),
        curves=_curves(db, run_id),
        artifacts=local_folder(str(uri or ""), path.parent),
    )


def _pairs(db: sqlite3.Connection, table: str, run_id: str) -> dict[str, str]:
    rows = db.execute(f"SELECT key, value FROM {table} WHERE run_uuid = ? ORDER BY key", (run_id,))  # noqa: S608
    return {clipped(key): clipped(value or "") for key, value in rows}


def _curves(db: sqlite3.Connection, run_id: str) -> Iterator[tuple[str, list[Point]]]:
    sql = _POINTS.format(key="key, ", nan=_nan(db), where="run_uuid = ?")
    name, points = None, list[Point]()
    for key, *rest in db.execute(sql, (run_id,)):
        if key != name:
            if points:
                yield clipped(name), points
            name, points = key, []
        points.append(_point(len(points), *rest))
    if points:
        yield clipped(name), points


def _points(path: Path, key: str, name: str) -> list[Point]:
    with opened(path) as db:
        sql = _POINTS.format(key="", nan=_nan(db), where="run_uuid = ? AND key = ?")
        return [_point(n, *row) for n, row in enumerate(db.execute(sql, (key, name)))]


def _nan(db: sqlite3.Connection) -> str:
    return "is_nan" if "is_nan" in columns(db, "metrics") else "0"


def _point(index: int, value: Any, timestamp: Any, step: Any, is_nan: Any) -> Point:
    number = math.nan if is_nan or not isinstance(value, float | int) else float(value)
    # MLflow writes the greatest number there is for what is infinite.
    number = math.copysign(math.inf, number) if abs(number) == sys.float_info.max else number
    return Point(index, number, int(step) if isinstance(step, int) else 0, _seconds(timestamp) or 0.0)


def _seconds(milliseconds: Any) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, int | float) else None


def local_folder(uri: str, beside: Path) -> str:
    """Return the folder on this computer that an address of artifacts means; empty where it is elsewhere."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"} or parts.netloc:
        return ""
    folder = Path(unquote(parts.path)) if parts.scheme else Path(uri)
    return str(folder if folder.is_absolute() else beside / folder) if uri else ""


MLFLOW_DATABASE: Final = Kind("MLflow database", lambda path: has_tables(path, _TABLES), _runs, _points)
