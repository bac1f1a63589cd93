"""A database among the files of a run is looked into by a process apart, which changes nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from desktop_aml.ui.viewers.apart import ENDINGS, look_into


def test_tables_columns_and_first_rows_of_a_database_are_shown_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "it is? #1.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute('CREATE TABLE "odd ""name" (a INTEGER, b)')
        db.execute("CREATE TABLE flowers (name TEXT, size REAL, picture BLOB)")
        db.execute("CREATE VIEW heavy AS SELECT * FROM flowers, flowers AS more")
        db.executemany("INSERT INTO flowers VALUES (?, ?, ?)", [("rose", 1.5, b"123"), ("é🌹", None, None)])
        db.commit()
    before = path.read_bytes()
    found = look_into(path, path.name)
    assert found.words == ""
    assert found.facts == (
        ("Tables", "2"),
        ("flowers", "2 rows: name TEXT, size REAL, picture BLOB"),
        ('odd "name', "0 rows: a INTEGER, b"),
        ("Below", "the first rows of flowers"),
    )
    assert (found.head, found.rows[0]) == (("name", "size", "picture"), ("rose", "1.5", "3 bytes"))
    assert found.rows[1][1:] == ("", "")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.suffix in ENDINGS


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database at all, only long enough to be looked at" * 20)
    assert "not a database" in look_into(tmp_path / "a.db", "a.db").words
