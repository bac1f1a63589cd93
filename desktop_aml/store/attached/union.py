"""Attached runs beside the workspace's own: temporary views that hold the rows of both, for readers alone.

The engine, which writes, does not see them, so that nothing it does can mean one of them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

FOLDER: Final = "attached"
INDEX: Final = f"{FOLDER}/index.db"
"""Within the workspace's folder."""

SOURCE: Final = "attached"
"""Kind of the document that says where an attached run is read from."""

FIRST: Final = 1 << 40
"""From here on rows are numbered, so that they are never those of the workspace's own."""

_TABLES: Final = ("run", "run_detail", "history", "label", "metric", "parameter", "document", "experiment")
_OWN_NAMES: Final = " WHERE name NOT IN (SELECT name FROM main.experiment)"


def unite(connection: sqlite3.Connection, root: Path, version: int) -> bool:
    """Let a reading connection see attached runs, too; return whether there are any to see.

    An index of another version is left out until the sources are read again.
    """
    file = root / INDEX
    if not file.exists():
        return False
    try:
        connection.execute("ATTACH DATABASE ? AS attached", (f"{file.resolve().as_uri()}?mode=ro",))
        if connection.execute("PRAGMA attached.user_version").fetchone()[0] != version:
            connection.execute("DETACH DATABASE attached")
            return False
        for table in _TABLES:
            connection.execute(f"CREATE TEMP VIEW {table} AS {selected(connection, table, united=True)}")
    except sqlite3.Error:
        # Damaged: the index can be made again, and the workspace's own runs are read without it.
        for table in _TABLES:
            connection.execute(f"DROP VIEW IF EXISTS temp.{table}")
        with contextlib.suppress(sqlite3.Error):
            connection.execute("DETACH DATABASE attached")
        return False
    return True


def selected(connection: sqlite3.Connection, table: str, *, united: bool) -> str:
    """Return what selects the rows of a table: the workspace's own, and where they are `united` those attached, too."""
    names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
    own = f"SELECT {names} FROM main.{table}"  # noqa: S608  names of the schema
    if not united or table not in _TABLES:
        return own
    only = _OWN_NAMES if table == "experiment" else ""
    return f"{own} UNION ALL SELECT {names} FROM attached.{table}{only}"  # noqa: S608
