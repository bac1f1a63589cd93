"""What a run logged in an attempt that is to be made again."""

from __future__ import annotations

from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.store.database import Database


def forget_logged(db: Database, run_id: str) -> None:
    """Remove the times, metrics, tables, logged parameters and documents of a run: its next attempt has its own.

    Where it is a trial, nothing of what it reports is judged yet.

    Labels stay, as people and other programs change them, too. Call inside a transaction.
    """
    for table in ("metric", "journal", "document"):
        db.run(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))  # noqa: S608  fixed names
    db.run("DELETE FROM parameter WHERE run_id = ? AND source <> ?", (run_id, ParameterSource.ARGUMENT))
    db.run("UPDATE trial SET judged = 0 WHERE run_id = ?", (run_id,))
    db.run("UPDATE run SET summary = '[]', started_at = NULL, ended_at = NULL, duration = NULL WHERE id = ?", (run_id,))
