"""A new database: what all migrations make, in one step.

One after the other, each with its flushes, they take half a second on a busy disk, and to load what carries them out
takes as long again. What they make is written down beside this module, and is made in one transaction;
``python -m desktop_aml.store.schema.blank`` writes it again, as `make docs-generated` does. Where a migration was added
since, they are carried out in memory instead, once a process.
"""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any, Final

_WRITTEN: Final = Path(__file__).with_suffix(".json")
_MIGRATIONS: Final = "_sqlite_migrations"
_OWN_TABLES: Final = "sqlite_%"
"""Those that SQLite makes itself, such as that of its counters."""

_READ_AND_WRITE_FORMAT: Final = slice(18, 20)
_WITH_LOG: Final = b"\x02\x02"

Statement = tuple[str, tuple[Any, ...]]


@cache
def statements(version: int) -> tuple[Statement, ...]:
    """Return the statements that make an empty database of the current schema, each with its values.

    Parameters
    ----------
    version : int
        Number of the current schema.
    """
    known = json.loads(_WRITTEN.read_bytes())
    if known["version"] != version:
        return _made_by_migrations()
    return tuple((sql, tuple(values)) for sql, values in known["statements"])


def _made_by_migrations() -> tuple[Statement, ...]:
    # Imported here: it is what a new database is to do without.
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


@cache
def image(version: int) -> bytes:
    """Return the bytes of an empty database of the current schema, which keeps a write-ahead log.

    Parameters
    ----------
    version : int
        Number of the current schema.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for sql, values in statements(version):
            connection.execute(sql, values)
        made = bytearray(connection.serialize())
    finally:
        connection.close()
    # A database in memory has no such log; SQLite's file format says it with these two bytes of the header.
    made[_READ_AND_WRITE_FORMAT] = _WITH_LOG
    return bytes(made)


def write_again() -> None:
    """Write down what the migrations of now make."""
    made = _made_by_migrations()
    version = int(made[-1][0].rpartition("=")[2])
    _WRITTEN.write_text(json.dumps({"version": version, "statements": made}, indent=1) + "\n")


if __name__ == "__main__":
    write_again()
