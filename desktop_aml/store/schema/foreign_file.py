"""Reads an SQLite file of anybody: its tables, their columns and first rows. Nothing in it is trusted or changed."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from desktop_aml.domain.values import dataclass

_COUNTED_AT_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class TableOfFile:
    """One table.

    Parameters
    ----------
    columns : tuple of (str, str)
        Names and declared types.
    count : int
        Its rows; one more than `counted_at_most` where there are more.
    rows : tuple of tuple
        The first ones.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    count: int
    rows: tuple[tuple[object, ...], ...]
    counted_at_most: int = _COUNTED_AT_MOST


def tables_of_file(path: Path, most_tables: int, most_rows: int) -> tuple[TableOfFile, ...]:
    """Return the tables of a file, in the order of their names; views and tables of extensions are left out.

    Raises
    ------
    sqlite3.Error
        When it is no database, or a damaged one.
    """
    # Immutable: no journal is looked for and no lock is taken, so nothing is written beside the file.
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA query_only = ON")
        names = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name LIMIT ?",
            (most_tables,),
        ).fetchall()
        return tuple(_table(db, name, most_rows) for (name,) in names)


def _table(db: sqlite3.Connection, name: str, most_rows: int) -> TableOfFile:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = db.execute(f"PRAGMA table_info({quoted})").fetchall()
    counting = f"SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT {_COUNTED_AT_MOST + 1})"  # noqa: S608 - quoted
    (count,) = db.execute(counting).fetchone()
    rows = db.execute(f"SELECT * FROM {quoted} LIMIT ?", (most_rows,)).fetchall()  # noqa: S608 - quoted
    return TableOfFile(name, tuple((str(one[1]), str(one[2])) for one in columns), count, tuple(rows))
