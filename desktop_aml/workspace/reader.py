"""Reading: one workspace's folder, and a connection to its database for each thread that asks."""

from __future__ import annotations

import threading
from dataclasses import replace

from desktop_aml.domain.runs import ATTACHED, RunDetail
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder


class Reader:
    """What the services of a workspace read through. Each thread has a connection of its own.

    Parameters
    ----------
    folder : WorkspaceFolder
        The workspace's folder.
    """

    def __init__(self, folder: WorkspaceFolder) -> None:
        self.folder = folder
        self._local = threading.local()
        self._connections: list[Database] = []
        self._connections_lock = threading.Lock()

    @property
    def db(self) -> Database:
        """The connection of the thread that asks; it cannot write."""
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = Database(self.folder.database, read_only=True)
            with self._connections_lock:
                self._connections.append(db)
        return db.unite()

    def close_connections(self) -> None:
        """Close the connections of all threads; the next question opens one again."""
        with self._connections_lock:
            for db in self._connections:
                db.close()
            self._connections.clear()
        self._local = threading.local()

    def find_run(self, wanted: str) -> str:
        """Return the id that an id, the beginning of one, a display name or ``latest`` means."""
        return runs.find(self.db, wanted)

    def run_detail(self, wanted: str) -> RunDetail:
        """Return everything about one run; `wanted` as for `find_run`."""
        run_id = self.find_run(wanted)
        found = runs.get(self.db, run_id)
        if found.summary.target == ATTACHED:
            return found
        return replace(found, run_directory=str(self.folder.run(run_id)))
