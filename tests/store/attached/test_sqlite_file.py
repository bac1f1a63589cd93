"""A database of somebody else's is read, and let go."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from desktop_aml.domain.errors import StorageError
from desktop_aml.store.attached.sqlite_file import columns, has_tables, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "study one.db"
    db = sqlite3.connect(made)
    db.execute("CREATE TABLE trials (number INTEGER, state TEXT)")
    db.execute("INSERT INTO trials VALUES (1, CAST(x'ff41' AS TEXT))")
    db.commit()
    db.close()
    return made


def test_it_is_read_as_text_written_never_and_closed_afterwards(path: Path) -> None:
    before = path.read_bytes()
    with opened(path) as db:
        assert db.execute("SELECT number, state FROM trials").fetchall() == [(1, "\ufffdA")]
        assert columns(db, "trials") == {"number", "state"}
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        db.execute("SELECT 1")
    with pytest.raises(StorageError), opened(path) as db:
        db.execute("DELETE FROM trials")
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_its_tables_tell_what_it_is(path: Path) -> None:
    assert has_tables(path, {"trials"})
    assert not has_tables(path, {"trials", "studies"})


@pytest.mark.parametrize("content", [None, b"SQLite format 3\0 but no more", b"no database " * 100])
def test_what_is_gone_or_damaged_is_told_by_its_path(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "study.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StorageError, match=r"study\.db"), opened(path) as db:
        db.execute("SELECT * FROM sqlite_schema").fetchall()
