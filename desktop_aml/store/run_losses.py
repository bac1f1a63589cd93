"""What of a run could not be kept: damaged records of its journals, and files that were left out."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_aml.domain.runs import LeftOut
from desktop_aml.store.database import Database


def damaged_records(db: Database, run_id: str) -> int:
    """Return how many records in the journals of a run could not be taken."""
    row = db.one("SELECT sum(damaged) FROM journal WHERE run_id = ?", (run_id,))
    return int(row[0] or 0) if row else 0


def left_out(db: Database, run_id: str) -> tuple[LeftOut, ...]:
    """Return the files of a run that could not be kept, by path."""
    rows = db.all("SELECT path, reason FROM left_out WHERE run_id = ? ORDER BY path", (run_id,))
    return tuple(LeftOut(row["path"], row["reason"]) for row in rows)


def set_left_out(db: Database, run_id: str, files: Sequence[LeftOut]) -> None:
    """Store which files of a run could not be kept, in place of those known before. Call inside a transaction."""
    db.run("DELETE FROM left_out WHERE run_id = ?", (run_id,))
    db.run_many(
        "INSERT OR REPLACE INTO left_out (run_id, path, reason) VALUES (?, ?, ?)",
        [(run_id, file.path, file.reason) for file in files],
    )
