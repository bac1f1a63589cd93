"""The index of attached runs: a database of the same schema as a workspace's, which can be made again at any time.

Points of curves are not in it: those are read where they lie.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from desktop_aml.domain.metrics import PointColumns
from desktop_aml.domain.names import storable, title
from desktop_aml.domain.parameters import Parameter
from desktop_aml.domain.runs import ATTACHED
from desktop_aml.store import documents, parameters, runs
from desktop_aml.store.attached.union import FIRST, INDEX, SOURCE
from desktop_aml.store.attached.values import SourceRun, known_time
from desktop_aml.store.database import Database
from desktop_aml.store.summaries import metrics as metric_summaries

_SHOWN: Final = 8
_OF_SOURCE: Final = "SELECT run_id FROM document WHERE kind = ? AND json_extract(body, '$.name') = ?"


def put(root: Path, name: str, kind: str, path: Path, found: Iterable[SourceRun]) -> int:
    """Replace what is known of a source by the runs that it has now; return how many. What is damaged changes nothing.

    Parameters
    ----------
    root : Path
        The workspace's folder.
    """
    file = root / INDEX
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with Database(root / "desktop_aml.db", read_only=True) as own, Database(file, read_only=False) as db:
        with db.transaction():
            _remove(db, name)
            taken = {row[0] for row in db.all("SELECT id FROM run")}
            count = 0
            for run in found:
                run_id = _free_id(own, taken, storable(run.id) or "run", name)
                taken.add(run_id)
                _insert(db, run_id, run, {"name": name, "kind": kind, "path": str(path)})
                count += 1
            db.run("DELETE FROM outbox")
        return count


def remove(root: Path, name: str) -> None:
    """Forget a source."""
    if (root / INDEX).exists():
        with Database(root / INDEX, read_only=False) as db, db.transaction():
            _remove(db, name)
            db.run("DELETE FROM outbox")


def counts(root: Path) -> dict[str, int]:
    """Return how many runs of each source are known."""
    if not (root / INDEX).exists():
        return {}
    with Database(root / INDEX, read_only=True) as db:
        sql = "SELECT json_extract(body, '$.name'), count(*) FROM document WHERE kind = ? GROUP BY 1"
        return {row[0]: int(row[1]) for row in db.all(sql, (SOURCE,))}


def _remove(db: Database, name: str) -> None:
    for row in db.all(_OF_SOURCE, (SOURCE, name)):
        runs.delete(db, row[0])
    db.run("DELETE FROM experiment WHERE name NOT IN (SELECT experiment FROM run)")


def _free_id(own: Database, taken: set[str], wanted: str, name: str) -> str:
    run_id, more = wanted[:200], 1
    while run_id in taken or own.one("SELECT 1 FROM run WHERE id = ?", (run_id,)) is not None:
        run_id = f"{wanted[:200]}-{name}{'' if more == 1 else f'-{more}'}"
        more += 1
    return run_id


def _insert(db: Database, run_id: str, run: SourceRun, source: dict[str, str]) -> None:
    experiment = storable(run.experiment)[:500] or "default"
    created_at, ended_at = known_time(run.created_at) or 0.0, known_time(run.ended_at)
    db.run(
        "INSERT INTO experiment (name, created_at, runs) VALUES (?, ?, 1)"
        " ON CONFLICT (name) DO UPDATE SET runs = runs + 1",
        (experiment, created_at),
    )
    n = db.one("SELECT coalesce(max(n) + 1, ?) FROM run", (FIRST,))
    duration = None if ended_at is None else max(0.0, ended_at - created_at)
    db.run(
        "INSERT INTO run (n, id, number, experiment, display_name, state, script, target, environment, created_at,"
        " started_at, ended_at, duration, parent, deleted_at) VALUES (?, ?,"
        " (SELECT runs FROM experiment WHERE name = ?), ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?)",
        (
            n[0] if n else FIRST,
            run_id,
            experiment,
            experiment,
            title(storable(run.name)) or run_id,
            run.state,
            storable(run.script),
            ATTACHED,
            created_at,
            created_at,
            ended_at,
            duration,
            storable(run.parent),
            (ended_at or created_at) if run.deleted else None,
        ),
    )
    db.run(
        "INSERT INTO run_detail (run_id, arguments, source_directory, env_vars, description)"
        " VALUES (?, '[]', ?, '{}', ?)",
        (run_id, source["path"], storable(run.note)),
    )
    runs.index(db, run_id)
    runs.set_labels(db, run_id, "tag", {storable(key): storable(value) for key, value in run.tags.items()})
    given = [Parameter(storable(name), storable(text)) for name, text in run.parameters.items()]
    parameters.put(db, run_id, given)
    documents.put(db, run_id, {(SOURCE, "source"): {**source, "key": run.key, "artifacts": run.artifacts}})
    last: dict[str, float | int | str | bool | None] = {}
    for name, points in run.curves:
        next_id = db.one("SELECT coalesce(max(id) + 1, ?) FROM metric", (FIRST,))
        metric_id = int(next_id[0]) if next_id else FIRST
        known = storable(name)
        if known not in last:
            db.run("INSERT INTO metric (id, run_id, name, kind) VALUES (?, ?, ?, 'scalar')", (metric_id, run_id, known))
            metric_summaries.extend(db, metric_id, PointColumns.of(points))
            last[known] = points[-1].value
    shown = [*last.items()][:_SHOWN]
    db.run("UPDATE run SET summary = ? WHERE id = ?", (json.dumps(shown), run_id))
