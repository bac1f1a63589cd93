"""Whether the database of a workspace can be relied on: whole, and not empty beside folders that are full."""

from __future__ import annotations

import sqlite3
from typing import Final

from desktop_aml.store.database import CURRENT_SCHEMA, check
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import read_regular

_MAGIC: Final = b"SQLite format 3\0"
_VERSION: Final = slice(60, 64)
_ROOMS: Final = (
    ("run", "runs", ("run.json",)),
    ("model", "models", ("*/model.json",)),
    ("dataset", "datasets", ("*/dataset.json",)),
    ("endpoint", "endpoints", ("record.json", "endpoint.json")),
)
"""What a thing is called, and its table; the folder that holds one for each; what such a one holds."""

_TABLES: Final = (
    "experiment",
    "model_counter",
    "dataset_counter",
    "environment_counter",
    *(room[0] for room in _ROOMS),
)
"""Of these at least one has a row in a workspace in which anything was ever made."""


def is_newer(folder: WorkspaceFolder) -> bool:
    """Whether a newer program wrote the database; one that is damaged or missing tells nothing."""
    try:
        head = read_regular(folder.database, _VERSION.stop)
    except OSError:
        return False
    return head.startswith(_MAGIC) and int.from_bytes(head[_VERSION], "big") > CURRENT_SCHEMA


def fault_of(folder: WorkspaceFolder) -> str:
    """Return in words what is wrong with the database, nothing when it can be relied on. Reads all of it."""
    try:
        if not folder.database.exists():
            return "There is no database."
        verdict = check(folder.database)
    except (OSError, sqlite3.Error) as error:
        return f"It cannot be read: {error}."
    return missing_beside_folders(folder) if verdict == "ok" else f"It is damaged: {verdict}."


def missing_beside_folders(folder: WorkspaceFolder) -> str:
    """Return in words that the database is missing or empty while the folders are full; nothing when it is not so.

    Quick: it asks for one row of each kind, and looks at the folders only where there is none at all.
    """
    rows = _has_rows(folder)
    if rows is not False:
        return ""
    for noun, room, files in _ROOMS:
        count = sum(any(any(place.glob(file)) for file in files) for place in (folder.root / room).glob("*"))
        if count:
            how = "is empty" if folder.database.exists() else "is missing"
            return f"The database of the workspace {how}, but its folders hold {count:,} {noun}{'s' * (count > 1)}."
    return ""


def _has_rows(folder: WorkspaceFolder) -> bool | None:
    """Whether the database knows anything at all; None when it cannot be asked."""
    if not folder.database.exists() or not folder.database.stat().st_size:
        return False
    try:
        connection = sqlite3.connect(f"{folder.database.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        return any(
            connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 - names of tables
            for table in _TABLES
            if table in tables
        )
    except sqlite3.Error:
        return None
    finally:
        connection.close()
