"""Connections that are lent, one at a time, and kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from desktop_aml.store.database import Database
from desktop_aml.store.record.readers import Readers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "desktop_aml.db"
    Database(path, read_only=False).close()
    return path


def test_a_connection_that_came_back_is_lent_again_and_sees_what_was_written_since(path: Path) -> None:
    readers = Readers(path)
    with readers.one() as first:
        assert first.one("SELECT count(*) FROM experiment")[0] == 0  # type: ignore[index]
    with Database(path, read_only=False) as db, db.transaction():
        db.run("INSERT INTO experiment (name, created_at) VALUES ('a', 1.0)")
    with readers.one() as again:
        assert again is first
        assert again.one("SELECT count(*) FROM experiment")[0] == 1  # type: ignore[index]
    readers.close()


def test_two_who_ask_at_once_have_each_their_own(path: Path) -> None:
    readers = Readers(path)
    with readers.one() as one, readers.one() as other:
        assert one is not other
    readers.close()


def test_a_connection_with_which_something_went_wrong_is_not_lent_again(path: Path) -> None:
    readers = Readers(path)
    with pytest.raises(sqlite3.OperationalError), readers.one() as bad:
        bad.run("NO STATEMENT")
    with readers.one() as next_one:
        assert next_one is not bad
    readers.close()


def test_the_log_is_folded_in_when_the_readers_and_then_the_writer_close(path: Path) -> None:
    readers, writer = Readers(path), Database(path, read_only=False)
    with readers.one() as db:
        db.all("SELECT * FROM run")
    readers.close()
    writer.close()
    assert not path.with_name(f"{path.name}-wal").exists()


def test_what_is_out_when_all_is_closed_is_closed_as_it_comes_back(path: Path) -> None:
    readers = Readers(path)
    with readers.one() as out:
        readers.close()
        out.all("SELECT * FROM run")
    with pytest.raises(sqlite3.ProgrammingError):
        out.all("SELECT * FROM run")
