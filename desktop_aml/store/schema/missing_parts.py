"""What a database lacks of the current schema, as one that another program made or changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from desktop_aml.store.schema import blank

_MIGRATIONS: Final = "_sqlite_migrations"
"""Which changes of the schema were made; there in every version, and read by nothing but what makes them."""


def missing_part(path: Path, version: int) -> str:
    """Return in words the first thing that the database at `path` lacks; nothing when it is whole or cannot be asked.

    Parameters
    ----------
    version : int
        Number of the current schema.
    """
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return ""
    try:
        there = _columns(connection)
    except sqlite3.Error:
        return ""
    finally:
        connection.close()
    for table, columns in _wanted(version).items():
        if table not in there:
            return f"the table {table}"
        for column in sorted(columns - there[table]):
            return f"the column {column} of the table {table}"
    return ""


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether a database is empty, or was made by any version of this program."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return not names or _MIGRATIONS in names


@cache
def _wanted(version: int) -> Mapping[str, frozenset[str]]:
    connection = sqlite3.connect(":memory:")
    try:
        for sql, values in blank.statements(version):
            connection.execute(sql, values)
        return {name: columns for name, columns in _columns(connection).items() if name != _MIGRATIONS}
    finally:
        connection.close()


def _columns(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    rows = {name: connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall() for name in names}
    return {name: frozenset(str(row[0]) for row in found) for name, found in rows.items()}
