"""The workspace's database: one writing connection, any number of read-only ones.

WAL with ``synchronous=FULL``: what was committed survives a power cut. ``BEGIN IMMEDIATE`` for every writing
transaction, because a deferred one that read first fails at once when another connection wrote.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from desktop_aml.domain.errors import DatabaseLost, DatabaseUnusable, DiskFull, StorageError
from desktop_aml.domain.portable_paths import PortablePaths

FILE_NAME = "desktop_aml.db"
CURRENT_SCHEMA = 20
_KEPT_BACKUPS = 5
"""Copies that are kept: one is made before each change of the schema, and each is as large as the database."""

_GIVEN_UNASKED = 0o644


@contextmanager
def in_one_step(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep everything that is written inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class Database:
    """One connection to the database of a workspace.

    Parameters
    ----------
    path : Path
        The database file.
    read_only : bool
        Whether this connection may only read. Exactly one writing connection may exist: the engine's.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.portable = PortablePaths(str(path.parent.absolute()))
        self._read_only = read_only
        self.is_united = False
        with storage_errors(path):
            # `isolation_level=None`: transactions begin and end where this class says so, not where Python's module
            # guesses. Another thread may close a connection than the one that uses it; no two use one at once.
            if read_only:
                uri = f"{path.resolve().as_uri()}?mode=ro"
                self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            else:
                migrate(path)
                self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
                # Readers neither wait for the writer nor make it wait: the window reads while the engine writes.
                self._connection.execute("PRAGMA journal_mode=WAL")
                # With WAL, less than FULL loses the newest commits in a power cut: what was acknowledged must stay.
                self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.row_factory = sqlite3.Row
            # Foreign keys are off unless a connection asks for them. Waiting: another process may be folding in the
            # log it found or bringing the schema up to date, which takes moments. A workspace may be a stranger's: its
            # views and triggers get no functions with side effects. Not mapped: an error of the disk is then an error
            # of a call, and not a SIGBUS that ends the process.
            for pragma in ("foreign_keys=ON", "busy_timeout=5000", "trusted_schema=OFF", "mmap_size=0"):
                self._connection.execute(f"PRAGMA {pragma}")

    def unite(self) -> Self:
        """Let this connection, which only reads, see the runs that are attached, too; quick where there are none."""
        if not self.is_united and (self.path.parent / "attached" / "index.db").exists():
            # Imported here: most workspaces have nothing attached.
            from desktop_aml.store.attached.union import unite

            self.is_united = unite(self._connection, self.path.parent, CURRENT_SCHEMA)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the writing one folds the write-ahead log into the file."""
        self._connection.close()

    def lend(self) -> sqlite3.Connection:
        """Return the connection itself, of one that only reads, to a module of the store that guards what it does."""
        if not self._read_only:
            raise ValueError("A connection that writes is not lent.")
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one durable step, or nothing of it."""
        with storage_errors(self.path), in_one_step(self._connection):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let everything that is read inside be of one moment; within a transaction it is already."""
        if self._connection.in_transaction:
            yield
            return
        with storage_errors(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Make everything inside happen or nothing of it, within a transaction that goes on either way."""
        with storage_errors(self.path):
            self._connection.execute("SAVEPOINT inner_step")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK TO inner_step")
                raise
            finally:
                self._connection.execute("RELEASE inner_step")

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Execute one statement."""
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            _raise(self.path, error)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Execute one statement for each row and return how many rows it changed."""
        if not rows:
            return 0  # most parts of a journal hold few of the things that there may be
        try:
            return self._connection.executemany(sql, rows).rowcount
        except sqlite3.Error as error:
            _raise(self.path, error)

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return every row."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            _raise(self.path, error)

    def tuples(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield every row as a plain tuple, as it is read: for very many of them."""
        with storage_errors(self.path):
            cursor = self._connection.execute(sql, values)
            cursor.row_factory = None
            yield from cursor

    def one(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Return the first row, or None."""
        try:
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            _raise(self.path, error)
        return row

    def changes(self) -> int:
        """Return a number that rises with each row that this connection changes."""
        return self._connection.total_changes

    def back_up(self, folder: Path) -> Path:
        """Write a consistent copy into `folder` through SQLite's backup API and drop the oldest copies."""
        return _back_up(self._connection, folder)


def migrate(path: Path) -> bool:
    """Bring the database at `path` to the current schema, after a backup; return whether anything was done.

    Raises
    ------
    StorageError
        When the file is damaged, not a database, or written by a newer version.
    """
    existed = path.exists() and path.stat().st_size > 0
    if not existed and path.parent.is_dir():
        if _placed(path):
            return True
        _make_private(path)
    with storage_errors(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == CURRENT_SCHEMA:
                return False
            if version > CURRENT_SCHEMA:
                raise StorageError(
                    f"The workspace at “{path.parent}” was written by a newer version of Desktop AML.",
                    "Update Desktop AML, then open it again. Nothing was changed.",
                )
            _refuse_strangers(connection, path)
            if existed:
                _narrow(path)
                _back_up(connection, path.parent / "backups")
            return _bring_up(connection)
        finally:
            connection.close()


def _refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    from desktop_aml.store.schema.missing_parts import is_ours

    if not is_ours(connection):
        raise DatabaseLost(f"The file “{path}” is the database of another program.", _REBUILD.format(path=path.parent))


def _bring_up(connection: sqlite3.Connection) -> bool:
    """Make the schema the current one, or change nothing; return whether anything was done."""
    from desktop_aml.store.schema import blank

    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited.
        is_current = connection.execute("PRAGMA user_version").fetchone()[0] == CURRENT_SCHEMA
        if not is_current:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for sql, values in blank.statements(CURRENT_SCHEMA):
                    connection.execute(sql, values)
            else:
                # Imported here: it loads much, and only a database of an earlier version needs it.
                from sqlite_utils import Database as UtilsDatabase

                from desktop_aml.store.schema.newer import schema

                schema.apply(UtilsDatabase(connection))
                connection.execute(f"PRAGMA user_version={CURRENT_SCHEMA}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return not is_current


def check(path: Path) -> str:
    """Return SQLite's own quick verdict on the file: ``"ok"`` or what is wrong."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.close()


def _placed(path: Path) -> bool:
    """Put an empty database of the current schema where there is no file yet; return whether that was done.

    As a whole, in one step and with one flush: statement by statement it takes ten times as long. Where it cannot be
    done so, the other way finds out why, and says it.
    """
    from desktop_aml.store.schema import blank
    from desktop_aml.system.files import write_where_free

    # What a database that was removed has left beside it would be taken for this one's.
    beside = (path, *(path.with_name(f"{path.name}-{name}") for name in ("wal", "shm", "journal")))
    try:
        return not any(map(os.path.lexists, beside)) and write_where_free(path, blank.image(CURRENT_SCHEMA))
    except OSError:
        return False


def _make_private(path: Path) -> None:
    """Make an empty file for its owner alone; SQLite gives its log and its index the same permissions."""
    with contextlib.suppress(FileExistsError, OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _narrow(path: Path) -> None:
    """Take from others what an earlier version gave to all without being asked; other permissions are the user's."""
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with contextlib.suppress(OSError):
            if stat.S_IMODE(file.stat().st_mode) == _GIVEN_UNASKED:
                file.chmod(0o600)


def _back_up(connection: sqlite3.Connection, folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"desktop_aml-{time.strftime('%Y%m%d-%H%M%S')}.db"
    _make_private(target)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    for old in sorted(folder.glob("desktop_aml-*.db"))[:-_KEPT_BACKUPS]:
        old.unlink()
    return target


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the disk or the file into `StorageError`; a wrong statement stays a bug."""
    try:
        yield
    except sqlite3.Error as error:
        _raise(path, error)


def _raise(path: Path, error: sqlite3.Error) -> NoReturn:
    """Raise an error about the disk or the file as `StorageError`, any other one as it is."""
    if str(error).startswith(("no such table", "no such column")):
        # Imported here: hardly any database is that old or that damaged.
        from desktop_aml.store.schema.missing_parts import missing_part

        if missing := missing_part(path, CURRENT_SCHEMA):
            words = f"The database “{path}” lacks {missing}."
            raise DatabaseLost(words, _REBUILD.format(path=path.parent), details=repr(error)) from error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    message = _MESSAGES.get(code)
    if message is None:
        raise error
    kind = _KINDS.get(code, DatabaseUnusable)
    raise kind(message[0].format(path=path), message[1].format(path=path.parent), details=repr(error)) from error


_REBUILD = 'Run: desktop-aml workspace rebuild "{path}". It sets the file aside and rebuilds it from the run folders.'

_KINDS: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_CORRUPT: DatabaseLost,
    sqlite3.SQLITE_NOTADB: DatabaseLost,
}

_MESSAGES = {
    sqlite3.SQLITE_FULL: (
        "The disk that holds “{path}” is full.",
        "Free some space; work goes on by itself. Nothing that was recorded is lost.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk that holds “{path}” failed a read or write.",
        "Check the disk, then open “{path}” again.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "The database “{path}” is damaged.",
        _REBUILD,
    ),
    sqlite3.SQLITE_NOTADB: (
        "The file “{path}” is not a database.",
        _REBUILD,
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database “{path}” cannot be opened.",
        "Check that “{path}” exists and that you may write in it.",
    ),
    sqlite3.SQLITE_READONLY: ("The database “{path}” cannot be written.", "Check the permissions of “{path}”."),
    sqlite3.SQLITE_PERM: ("The database “{path}” may not be used.", "Check the permissions of “{path}”."),
    sqlite3.SQLITE_BUSY: (
        "The database “{path}” is locked by another program.",
        "Close the other program. On a network drive without file locks, move the workspace to a local disk.",
    ),
}
