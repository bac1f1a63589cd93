"""The database file: one schema, durable writes, errors in words."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlite_utils

from desktop_aml.domain.errors import DatabaseLost, StorageError
from desktop_aml.store.database import CURRENT_SCHEMA, Database, check, migrate
from desktop_aml.store.schema import blank
from desktop_aml.store.schema.newer import SCHEMA_VERSION, schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desktop_aml.db"


def test_the_number_that_skips_migrations_is_the_number_of_migrations() -> None:
    assert CURRENT_SCHEMA == SCHEMA_VERSION


def test_migrating_twice_does_nothing_the_second_time(path: Path) -> None:
    assert migrate(path)
    assert not migrate(path)
    assert check(path) == "ok"


def test_a_new_database_is_what_its_migrations_make_one_after_the_other(path: Path) -> None:
    migrate(path)
    slowly = sqlite3.connect(":memory:", isolation_level=None)
    schema.apply(sqlite_utils.Database(slowly))
    made = sqlite3.connect(path)
    assert contents(made) == contents(slowly)
    assert check(path) == "ok"
    made.close()
    slowly.close()


def contents(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return what describes the tables, and their rows; but when the migrations took place."""
    connection.execute("UPDATE _sqlite_migrations SET applied_at = ''")
    found = {"": sorted(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"), key=str)}
    for kind, name in [(row[2], row[1]) for row in connection.execute("PRAGMA table_list")]:
        # The counters of a table that has no row may be there or not; both begin at 1.
        if kind in ("table", "virtual") and not name.startswith("sqlite_"):
            found[name] = connection.execute(f"SELECT * FROM {name}").fetchall()
    return found


def test_a_new_database_is_made_without_what_carries_migrations_out(path: Path) -> None:
    asked = (
        "import sys\nfrom pathlib import Path\nfrom desktop_aml.store.database import migrate\n"
        "assert migrate(Path(sys.argv[1]))\nassert 'sqlite_utils' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", asked, str(path)], check=True)


def test_a_new_database_keeps_a_log_and_is_its_owners_alone(path: Path) -> None:
    assert migrate(path)
    made = sqlite3.connect(path)
    assert made.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert made.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    made.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_log_of_a_database_that_is_gone_is_not_taken_for_that_of_a_new_one(path: Path) -> None:
    with Database(path, read_only=False) as old:
        with old.transaction():
            old.run("INSERT INTO experiment (name, created_at) VALUES ('old', 1.0)")
        left = path.with_name(f"{path.name}-wal").read_bytes()
    path.unlink()
    path.with_name(f"{path.name}-wal").write_bytes(left)
    with Database(path, read_only=False) as new:
        assert new.all("SELECT name FROM experiment WHERE name = 'old'") == []
    assert check(path) == "ok"


def test_a_new_database_is_made_where_the_disk_knows_no_hard_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    assert migrate(path)
    assert check(path) == "ok"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_new_database_of_a_schema_that_is_not_written_down_is_made_by_the_migrations(path: Path) -> None:
    assert [sql for sql, _ in blank.statements(0)] == [sql for sql, _ in blank.statements(CURRENT_SCHEMA)]


def test_many_who_make_it_at_once_make_one(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(migrate, [path] * 8)) == [False] * 7 + [True]
    assert check(path) == "ok"


def test_a_change_of_the_schema_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(path)
    old = sqlite3.connect(path, isolation_level=None)
    for name in ("add_summaries_of_metrics", "keep_paths_without_the_workspace"):
        old.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (name,))
    old.execute(f"PRAGMA user_version={CURRENT_SCHEMA - 2}")
    before = contents(old)
    with pytest.raises(sqlite3.OperationalError, match="duplicate column"):
        migrate(path)
    assert contents(old) == before
    assert old.execute("PRAGMA user_version").fetchone()[0] == CURRENT_SCHEMA - 2
    old.close()


def test_an_older_database_is_backed_up_before_it_is_migrated(path: Path) -> None:
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set, name, applied_at)")
        old.execute("CREATE TABLE note (text)")
        old.execute("INSERT INTO note VALUES ('kept')")
    old.close()
    migrate(path)
    backup = next((path.parent / "backups").iterdir())
    copy = sqlite3.connect(backup)
    assert copy.execute("SELECT text FROM note").fetchone() == ("kept",)
    copy.close()


def test_paths_into_the_workspace_lose_its_folder_when_an_older_database_is_opened(path: Path) -> None:
    migrate(path)
    old = sqlite3.connect(path)
    old.execute("PRAGMA foreign_keys=OFF")
    old.execute(
        "INSERT INTO run_detail (run_id, arguments, source_directory, env_vars, handle) VALUES (?, ?, ?, ?, ?)",
        ("r", json.dumps([f"--x={path.parent}/d"]), "/elsewhere", "{}", f"local:1:n:{path.parent}/runs/r"),
    )
    old.execute(
        "INSERT INTO dataset VALUES (?, ?, ?, ?, ?)",
        ("d", "file", json.dumps({"path": f"{path.parent}/d"}), json.dumps([{"path": f"{path.parent}/d/x"}]), 0.0),
    )
    old.execute("DELETE FROM _sqlite_migrations WHERE name = 'keep_paths_without_the_workspace'")
    old.execute(f"PRAGMA user_version={CURRENT_SCHEMA - 1}")
    old.commit()
    old.close()
    with Database(path, read_only=False) as db:
        rows = [*map(tuple, db.all("SELECT arguments, source_directory, env_vars, handle FROM run_detail"))]
        rows += map(tuple, db.all("SELECT definition, files FROM dataset"))
        assert str(path.parent) not in str(rows)
        assert json.loads(db.portable.here(rows[0][0])) == [f"--x={path.parent}/d"]
        assert rows[0][1:] == ("/elsewhere", "{}", "local:1:n:$(workspace)/runs/r")


def test_only_the_newest_backups_are_kept(path: Path) -> None:
    with Database(path, read_only=False) as db:
        for number in range(8):
            db.back_up(path.parent / "backups").rename(path.parent / f"backups/desktop_aml-2026010{number}.db")
        db.back_up(path.parent / "backups")
    assert len(list((path.parent / "backups").iterdir())) == 5


def test_a_database_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version={CURRENT_SCHEMA + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="newer version"):
        migrate(path)
    assert path.read_bytes() == before


def test_commits_are_durable_and_the_log_is_written_ahead(path: Path) -> None:
    with Database(path, read_only=False) as db:
        assert db.one("PRAGMA synchronous")[0] == 2  # type: ignore[index]
        assert db.one("PRAGMA journal_mode")[0] == "wal"  # type: ignore[index]


def test_a_failed_transaction_leaves_nothing(path: Path) -> None:
    with Database(path, read_only=False) as db:
        with pytest.raises(ValueError, match="stop"), db.transaction():  # noqa: PT012
            db.run("INSERT INTO experiment (name, created_at) VALUES ('x', 1)")
            raise ValueError("stop")
        assert db.all("SELECT * FROM experiment") == []


def test_a_reader_cannot_write(path: Path) -> None:
    migrate(path)
    with Database(path, read_only=True) as db, pytest.raises(StorageError, match="cannot be written"):
        db.run("INSERT INTO experiment (name, created_at) VALUES ('x', 1)")


@pytest.mark.parametrize(
    "damage", [b"not a database at all, only words" * 200, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_damaged_file_is_named_with_the_line_that_mends_it(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    with pytest.raises(StorageError, match=r"desktop_aml\.db") as caught:
        migrate(path)
    assert "workspace rebuild" in caught.value.hint
    assert check(path) != "ok"


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        Database(path, read_only=True)


@pytest.mark.parametrize("version", [0, 3])
def test_the_database_of_another_program_is_refused_and_left_alone(path: Path, version: int) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE run (x)")
    other.execute(f"PRAGMA user_version={version}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseLost, match="the database of another program") as caught:
        migrate(path)
    assert "workspace rebuild" in caught.value.hint
    assert path.read_bytes() == before
    assert not (path.parent / "backups").exists()


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DROP TABLE metric", "the table metric"),
        ("ALTER TABLE metric RENAME COLUMN name TO nom", "the column name of the table metric"),
    ],
)
def test_a_database_that_lacks_a_part_is_named_with_it(path: Path, damage: str, what: str) -> None:
    with Database(path, read_only=False) as db:
        db.run(damage)
        with pytest.raises(DatabaseLost, match=f"lacks {what}") as caught:
            db.all("SELECT name FROM metric")
    assert "workspace rebuild" in caught.value.hint


def test_a_wrong_statement_stays_a_bug(path: Path) -> None:
    with Database(path, read_only=False) as db, pytest.raises(sqlite3.OperationalError):
        db.run("SELECT nothing FROM nowhere")
