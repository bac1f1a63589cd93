"""Words in the logs and the source of runs, found without reading those: a database of its own beside the workspace's.

Nothing is kept here that is not elsewhere: a file that is damaged, or of another make, is removed and begun again. What
runs have in common, such as the source of all trials of a sweep, is in it once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.runs import ATTACHED, RunState
from desktop_aml.store.database import Database, in_one_step

FILE_NAME: Final = "full-text.db"
ENDED: Final = tuple(state for state in RunState if state.is_terminal())
"""The runs that are indexed."""

LOG: Final = "log"
SOURCE: Final = "source"

_LONGEST: Final = 1000
_VERSION: Final = 1
_TABLES: Final = (
    # `stamp` tells the end of the run that was read; `run_word` leads from a run to its texts, which several may share.
    "CREATE TABLE run (run_id TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE text (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE)",
    """CREATE TABLE run_text (
      run_id TEXT NOT NULL, kind TEXT NOT NULL, text_id INTEGER NOT NULL, PRIMARY KEY (run_id, kind)
    ) WITHOUT ROWID""",
    "CREATE INDEX run_of_text ON run_text (text_id, kind)",
    "CREATE VIRTUAL TABLE word USING fts5(body, tokenize = 'unicode61 remove_diacritics 2')",
    f"PRAGMA user_version={_VERSION}",
)
_FOUND: Final = (
    "SELECT DISTINCT run_id FROM run_text WHERE kind IN ({}) AND text_id IN (SELECT rowid FROM word WHERE word MATCH ?)"
)


class FullTextIndex:
    """The index of one workspace. Several processes may have it open; one at a time writes.

    What goes wrong with it, on entering or inside, is a `StorageError`. A damaged one is removed then: the next time
    begins with an empty one.

    Raises
    ------
    StorageError
        When something else than a plain file is in its place, or it cannot be opened or made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = _opened(path)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._connection.close()
        if isinstance(error, sqlite3.DatabaseError):
            _remove_damaged(self.path, error)
            raise _unusable(self.path, error) from error

    def stamps(self) -> dict[str, str]:
        """Return what was said of each run when it was read."""
        return dict(self._connection.execute("SELECT run_id, stamp FROM run"))

    def writing(self) -> contextlib.AbstractContextManager[None]:
        """Keep everything that is put and removed inside, or nothing."""
        return in_one_step(self._connection)

    def put(self, run_id: str, stamp: str, texts: Mapping[str, str]) -> None:
        """Keep the texts of a run by their kind, in the place of those before. Call within `writing`."""
        self.remove(run_id)
        self._connection.execute("INSERT INTO run VALUES (?, ?)", (run_id, stamp))
        for kind, text in texts.items():
            digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
            known = self._connection.execute("SELECT id FROM text WHERE digest = ?", (digest,)).fetchone()
            if known is None:
                number = self._connection.execute("INSERT INTO text (digest) VALUES (?)", (digest,)).lastrowid
                self._connection.execute("INSERT INTO word (rowid, body) VALUES (?, ?)", (number, text))
            else:
                number = known[0]
            self._connection.execute("INSERT INTO run_text VALUES (?, ?, ?)", (run_id, kind, number))

    def remove(self, run_id: str) -> None:
        """Forget a run, and the texts that no other has. Call within `writing`."""
        texts = self._connection.execute("SELECT text_id FROM run_text WHERE run_id = ?", (run_id,)).fetchall()
        self._connection.execute("DELETE FROM run WHERE run_id = ?", (run_id,))
        self._connection.execute("DELETE FROM run_text WHERE run_id = ?", (run_id,))
        for (number,) in texts:
            if self._connection.execute("SELECT 1 FROM run_text WHERE text_id = ?", (number,)).fetchone() is None:
                self._connection.execute("DELETE FROM text WHERE id = ?", (number,))
                self._connection.execute("DELETE FROM word WHERE rowid = ?", (number,))


def found(path: Path, kinds: Sequence[str], words: str) -> list[str]:
    """Return the runs in whose texts of these kinds the words stand, in this order; the last may go on.

    Capitals, accents and punctuation do not matter: ``train_test_split`` is three words. Where there is no index yet,
    or a damaged one, no run is found.
    """
    phrase = '"' + words[:_LONGEST].replace('"', '""').replace("\0", " ") + '" *'
    return [str(row[0]) for row in _asked(path, _FOUND.format(_marks(kinds)), (*kinds, phrase))]


def behind(db: Database, path: Path) -> int:
    """Return how many of the runs that ended are not in the index yet."""
    ended = db.one(f"SELECT count(*) FROM run WHERE state IN ({_marks(ENDED)}) AND target <> '{ATTACHED}'", ENDED)  # noqa: S608
    known = _asked(path, "SELECT count(*) FROM run", ())
    return max(0, int(ended[0] if ended else 0) - int(known[0][0] if known else 0))


def ended_runs(db: Database, only: Collection[str] = ()) -> dict[str, str]:
    """Return the runs that ended, the newest first, each with what tells this end of it from another one.

    Parameters
    ----------
    only : collection of str
        The runs to look at; all for none.
    """
    sql = f"SELECT id, attempt, ended_at FROM run WHERE state IN ({_marks(ENDED)})"  # noqa: S608  question marks
    if only:
        sql += f" AND id IN ({_marks(only)})"
    return {row[0]: f"{row[1]} {row[2]}" for row in db.tuples(f"{sql} ORDER BY n DESC", (*ENDED, *only))}


def all_runs(db: Database) -> set[str]:
    """Return the runs that there are."""
    return {row[0] for row in db.tuples("SELECT id FROM run")}


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _asked(path: Path, sql: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
    try:
        _check_plain(path)
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
    except (OSError, sqlite3.Error):
        return []
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        return connection.execute(sql, values).fetchall()
    except sqlite3.Error:
        return []
    finally:
        connection.close()


def _remove_damaged(path: Path, error: sqlite3.DatabaseError) -> bool:
    """Remove the index if an error says that it is damaged or of another make; return whether it is gone.

    One that another process holds stays.
    """
    is_ours = not str(error).startswith(("no such table", "no such column", "no such module"))
    if is_ours and getattr(error, "sqlite_errorcode", 0) & 0xFF not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return False
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)
    return True


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if not _remove_damaged(path, error):
            raise
    return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    _check_plain(path)
    with contextlib.suppress(FileExistsError):
        # Logs may hold what is nobody else's business; SQLite gives its log and its index the same permissions.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
    try:
        for pragma in ("trusted_schema=OFF", "journal_mode=WAL", "synchronous=NORMAL", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have made it while this one waited.
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                for statement in _TABLES:
                    connection.execute(statement)
            connection.execute("COMMIT")
        connection.execute("SELECT count(*) FROM run").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _unusable(path: Path, error: Exception) -> StorageError:
    return StorageError(
        f"The index of words in logs and source cannot be used: {error}.",
        f"Searches go on without it. If it stays so, remove “{path}”: it is made again.",
    )


def _check_plain(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise OSError(f"“{path}” is no plain file")
