"""Whether there are endpoints at all: asked at the end of each command, by those who load nothing else about them."""

from __future__ import annotations

from desktop_aml.store.database import Database


def exist(db: Database) -> bool:
    """Whether the workspace has an endpoint."""
    return db.one("SELECT 1 FROM endpoint LIMIT 1") is not None
