"""What runs read that did not travel with them, in the database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.files_read import Content, FileRecord, ReadHow
from desktop_aml.store.database import Database

KEPT_AT_MOST: Final = 1000
"""Records of one run; that there were more is kept, too."""

_COLUMNS: Final = "path, size, modified_ns, identity, how, sha256, content"


def add(db: Database, run_id: str, found: Sequence[FileRecord], *, position: int, more: bool) -> int:
    """Store records with how far the run's list was read; return how many of them were new. Call in a transaction.

    What is known already stays as it was read first; what was only named becomes what was found when it was opened.
    """
    row = db.one("SELECT count(*) AS n FROM file_read WHERE run_id = ?", (run_id,))
    known = taken = int(row["n"]) if row else 0
    for record in found:
        values = _values(db, record)
        there = db.one("SELECT how, place FROM file_read WHERE run_id = ? AND path = ?", (run_id, values[0]))
        if there is None and taken >= KEPT_AT_MOST:
            more = True
            continue
        if there is None or (ReadHow(there["how"]).is_named() and not record.how.is_named()):
            db.run(
                f"INSERT OR REPLACE INTO file_read (run_id, place, {_COLUMNS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run_id, taken if there is None else there["place"], *values),
            )
        taken += there is None
    db.run(
        "INSERT INTO files_read_position (run_id, position, more) VALUES (?, ?, ?)"
        " ON CONFLICT (run_id) DO UPDATE SET position = excluded.position, more = max(more, excluded.more)",
        (run_id, position, int(more)),
    )
    return taken - known


def remove(db: Database, run_id: str, path: str) -> None:
    """Forget a record: it was a place for results."""
    db.run("DELETE FROM file_read WHERE run_id = ? AND path = ?", (run_id, _kept(db, path)))


def position(db: Database, run_id: str) -> int:
    """Return how far the list that a run writes was read, in bytes."""
    row = db.one("SELECT position FROM files_read_position WHERE run_id = ?", (run_id,))
    return int(row["position"]) if row else 0


def has_more(db: Database, run_id: str) -> bool:
    """Whether a run read more than is kept."""
    return db.one("SELECT 1 FROM files_read_position WHERE run_id = ? AND more", (run_id,)) is not None


def of_run(db: Database, run_id: str) -> tuple[FileRecord, ...]:
    """Return what a run read, in the order it did."""
    rows = db.all(f"SELECT {_COLUMNS} FROM file_read WHERE run_id = ? ORDER BY place", (run_id,))  # noqa: S608
    return tuple(_record(db, row) for row in rows)


def unhashed(db: Database, limit: int) -> list[tuple[str, FileRecord]]:
    """Return up to `limit` records of files whose bytes are to be hashed, each with its run."""
    rows = db.all(
        f"SELECT run_id, {_COLUMNS} FROM file_read WHERE content = '{Content.PENDING}' LIMIT ?",  # noqa: S608
        (limit,),
    )
    return [(row["run_id"], _record(db, row)) for row in rows]


def hash_of(db: Database, record: FileRecord) -> str:
    """Return the SHA-256 of a file that was hashed before in exactly this state; empty when none was."""
    row = db.one(
        "SELECT sha256 FROM file_read WHERE identity = ? AND sha256 <> '' AND size = ? AND modified_ns = ?"
        " AND content = ? LIMIT 1",
        (record.identity, record.size_bytes, record.modified_ns, Content.HASHED),
    )
    return str(row["sha256"]) if row and record.identity else ""


def hashed_bytes(db: Database, run_id: str) -> int:
    """Return the size of all files of a run that were hashed, in bytes."""
    row = db.one("SELECT sum(size) AS n FROM file_read WHERE run_id = ? AND content = ?", (run_id, Content.HASHED))
    return int(row["n"] or 0) if row else 0


def set_content(db: Database, run_id: str, record: FileRecord, content: Content, sha256: str) -> None:
    """Store what came of hashing a file, unless another record took the place of this one meanwhile."""
    db.run(
        "UPDATE file_read SET content = ?, sha256 = ? WHERE run_id = ? AND path = ?"
        " AND size = ? AND modified_ns = ? AND identity = ? AND how = ?",
        (content, sha256, run_id, *_values(db, record)[:5]),
    )


def is_unhashed(db: Database, run_id: str) -> bool:
    """Whether any file of a run is still to be hashed."""
    sql = f"SELECT 1 FROM file_read WHERE run_id = ? AND content = '{Content.PENDING}' LIMIT 1"  # noqa: S608
    return db.one(sql, (run_id,)) is not None


def repeats_of(db: Database, run_id: str) -> list[str]:
    """Return the runs that repeat a run, oldest first."""
    rows = db.all(
        "SELECT run.id FROM label JOIN run ON run.id = label.run_id"
        " WHERE label.key = 'desktop_aml.rerun_of' AND label.value = ? ORDER BY run.n",
        (run_id,),
    )
    return [row["id"] for row in rows]


def _kept(db: Database, path: str) -> bytes:
    return os.fsencode(db.portable.kept(path))


def _values(db: Database, record: FileRecord) -> tuple[object, ...]:
    return (
        _kept(db, record.path),
        record.size_bytes,
        record.modified_ns,
        record.identity,
        record.how,
        record.sha256,
        record.content,
    )


def _record(db: Database, row: sqlite3.Row) -> FileRecord:
    return FileRecord(
        db.portable.here(os.fsdecode(row["path"])),
        row["size"],
        row["modified_ns"],
        row["identity"],
        ReadHow(row["how"]),
        row["sha256"],
        Content(row["content"]),
    )
