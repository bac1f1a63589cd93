"""JSON values that belong to runs and that only the front end which wrote them understands, such as MLflow's inputs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from desktop_aml.store.database import Database
from desktop_aml.store.record import readable


def put(db: Database, run_id: str, documents: Mapping[tuple[str, str], object]) -> None:
    """Add documents of a run by kind and key; those of the same kind and key are replaced.

    One that says what it said before changes no row, so that the run is not described again for it.
    """
    db.run_many(
        "INSERT INTO document (run_id, kind, key, place, body)"
        " VALUES (?, ?, ?, (SELECT count(*) FROM document WHERE run_id = ?), ?)"
        " ON CONFLICT (run_id, kind, key) DO UPDATE SET body = excluded.body"
        " WHERE body <> excluded.body",
        [(run_id, kind, key, run_id, json.dumps(body)) for (kind, key), body in documents.items()],
    )


@readable.record("run")
def of_run(db: Database, run_id: str) -> dict[tuple[str, str], object]:
    """Return the documents of a run by kind and key, in the order in which they came."""
    rows = db.all("SELECT kind, key, body FROM document WHERE run_id = ? ORDER BY place", (run_id,))
    return {(row["kind"], row["key"]): json.loads(row["body"]) for row in rows}


@readable.record("run")
def text_of_run(db: Database, run_id: str) -> str:
    """Return the documents of a run as JSON text: a list of kind, key and body, in the order in which they came.

    There may be many, and they are described each time that something of their run changes: what is kept as the text
    that it becomes is checked by SQLite, and not made into values first.
    """
    rows = db.all(
        "SELECT kind, key, body, typeof(body) = 'text' AND json_valid(body) AS is_sound"
        " FROM document WHERE run_id = ? ORDER BY place",
        (run_id,),
    )
    return f"[{', '.join(map(_text_of, rows))}]"


def _text_of(row: sqlite3.Row) -> str:
    body = row["body"]
    if not (row["is_sound"] and body.isascii()):
        body = json.dumps(json.loads(body))  # NaN and infinities, which are no JSON elsewhere; or no text of ours
    return f"[{json.dumps([row['kind'], row['key']])[1:-1]}, {body}]"


def owners(db: Database, kind: str, key: str | None = None) -> list[tuple[str, str, object]]:
    """Return run, key and body of the documents of a kind, oldest run first."""
    where, values = ("", (kind,)) if key is None else (" AND document.key = ?", (kind, key))
    rows = db.all(
        "SELECT run_id, document.key AS key, body FROM document JOIN run ON run.id = run_id"  # noqa: S608  fixed texts
        f" WHERE kind = ?{where} ORDER BY run.n, place",
        values,
    )
    return [(row["run_id"], row["key"], body_of(row)) for row in rows]


@readable.record("run")
def body_of(row: sqlite3.Row) -> object:
    """Return the value of a document, from a row that names its run and holds its body."""
    return json.loads(row["body"])
