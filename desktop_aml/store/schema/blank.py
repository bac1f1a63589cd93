"""A new database: what all migrations make, in one step.

One after the other, each with its flushes, they take half a second on a busy disk. They are carried out in memory
instead, once a process, and what they made is written down in one transaction.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any, Final

_MIGRATIONS: Final = "_sqlite_migrations"
_OWN_TABLES: Final = "sqlite_%"
"""Those that SQLite makes itself, such as that of its counters."""


@cache
def statements() -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return the statements that make an empty database of the current schema, each with its values."""
    from sqlite_utils import Database as UtilsDatabase

    from desktop_aml.store.schema.newer import SCHEMA_VERSION, schema

    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        schema.apply(UtilsDatabase(connection))
        # A virtual table makes its shadow tables itself.
        shadows = {row[1] for row in connection.execute("PRAGMA table_list") if row[2] == "shadow"}
        found = connection.execute(
            "SELECT sql, tbl_name FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE ? ORDER BY rowid",
            (_OWN_TABLES,),
        )
        made = [(str(sql), ()) for sql, table in found if table not in shadows]
        rows = connection.execute(f"SELECT * FROM {_MIGRATIONS} ORDER BY id").fetchall()  # noqa: S608
        marks = ", ".join("?" * len(rows[0]))
        applied = [(f"INSERT INTO {_MIGRATIONS} VALUES ({marks})", tuple(row)) for row in rows]  # noqa: S608
        return (*made, *applied, (f"PRAGMA user_version={SCHEMA_VERSION}", ()))
    finally:
        connection.close()
