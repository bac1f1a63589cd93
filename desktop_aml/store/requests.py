"""Requests that were carried out, with their replies, so that a request asked twice is done once."""

from __future__ import annotations

from desktop_aml.store.database import Database

_KEPT = 10_000


def reply_to(db: Database, request_id: str) -> str | None:
    """Return the reply that was given to a request, or None."""
    row = db.one("SELECT reply FROM request WHERE id = ?", (request_id,))
    return str(row["reply"]) if row else None


def keep(db: Database, request_id: str, reply: str, at: float) -> None:
    """Store a reply, in the transaction that carries the request out."""
    db.run("INSERT INTO request (id, at, reply) VALUES (?, ?, ?)", (request_id, at, reply))


def trim(db: Database) -> None:
    """Drop the oldest replies; nobody asks for them any more."""
    db.run("DELETE FROM request WHERE id NOT IN (SELECT id FROM request ORDER BY at DESC LIMIT ?)", (_KEPT,))
