"""Connections that only read, lent one at a time and kept for the next who asks.

Opening one, and closing it, costs more than most of what is read through it: with the first statement of each
connection SQLite reads the whole schema.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desktop_aml.store.database import Database

_KEPT: Final = 3
"""More are rarely asked for at once; those beyond are closed as they come back."""


class Readers:
    """Lends connections to one database. Safe to use from several threads.

    Parameters
    ----------
    path : Path
        The database file, which must stay the same one until `close`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[Database] = []
        self._is_closed = False

    @contextmanager
    def one(self) -> Iterator[Database]:
        """Lend a connection.

        Raises
        ------
        StorageError
            When the database cannot be opened.
        """
        with self._lock:
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = Database(self._path, read_only=True)
        try:
            yield db
        except BaseException:
            # What went wrong may be the connection's own.
            db.close()
            raise
        with self._lock:
            if not self._is_closed and len(self._idle) < _KEPT:
                self._idle.append(db)
                return
        db.close()

    def close(self) -> None:
        """Close those that nobody has now, and each other one as it comes back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()
