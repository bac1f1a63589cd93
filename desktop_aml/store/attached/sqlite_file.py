"""A SQLite database of another tool, opened so that nothing of it changes and nothing in it costs us for ever."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import StorageError
from desktop_aml.system.files import open_regular

_HEAD: Final = b"SQLite format 3\x00"
_LONGEST_S: Final = 300.0
_LARGEST_VALUE: Final = 10_000_000
_STEPS: Final = 10_000


def has_tables(path: Path, wanted: set[str]) -> bool:
    """Whether a file is a SQLite database with these tables."""
    try:
        with open_regular(path, follow_links=True) as stream:
            if stream.read(len(_HEAD)) != _HEAD:
                return False
        with opened(path) as db:
            found = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except (OSError, StorageError, sqlite3.Error):
        return False
    return wanted <= found


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database to read; what goes wrong with it is told in words.

    Raises
    ------
    StorageError
        When it is gone, damaged, or being written by a program that died.
    """
    if not path.is_file():
        raise StorageError(f"“{path}” is gone.", "Put it back, or detach it: desktop-aml attach --detach NAME")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{_mode(path)}", uri=True, timeout=5.0)
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA query_only=ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        until = time.monotonic() + _LONGEST_S
        # A view of a stranger may count to infinity.
        connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        yield connection
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    finally:
        connection.close()


def columns(db: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns of a table: those of older versions of a tool are fewer."""
    return {str(row[1]) for row in db.execute(f"PRAGMA table_info({table})")}


def _mode(path: Path) -> str:
    # With a log beside it somebody may be writing, and takes part in the locks. Without one even the files that SQLite
    # keeps for readers must not be made: the folder is not ours.
    log, journal = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")
    is_live = any(one.exists() and one.stat().st_size for one in (log, journal))
    return "mode=ro" if is_live else "mode=ro&immutable=1"


def _unreadable(path: Path, error: sqlite3.Error) -> StorageError:
    return StorageError(f"“{path}” cannot be read: {error}.", "Nothing of it was changed. Check the file.")
