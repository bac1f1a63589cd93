"""The schema, as sqlite-utils migrations. A migration that has shipped is never edited; a change is a new one.

Those of this module are closed; new ones go into `schema.newer`.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

from desktop_aml.domain.parameters import of_arguments
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.store import parameter_rows

schema = Migrations("desktop_aml")

_TABLES: Final = """
CREATE TABLE experiment (
  name TEXT PRIMARY KEY, created_at REAL NOT NULL, runs INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- One row a run: only what the runs table shows, sorts and filters by. `n` rises with every submission.
CREATE TABLE run (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  number INTEGER NOT NULL,
  experiment TEXT NOT NULL,
  display_name TEXT NOT NULL,
  state TEXT NOT NULL,
  script TEXT NOT NULL,
  target TEXT NOT NULL,
  environment TEXT NOT NULL,
  created_at REAL NOT NULL,
  started_at REAL,
  ended_at REAL,
  duration REAL,
  attempt INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE INDEX run_by_experiment ON run (experiment, n);
CREATE INDEX run_by_state ON run (state, n);
CREATE INDEX run_by_display_name ON run (display_name COLLATE NOCASE, n);
CREATE INDEX run_by_script ON run (script, n);
CREATE INDEX run_by_created_at ON run (created_at, n);
CREATE INDEX run_by_duration ON run (duration, n);
CREATE INDEX run_by_target ON run (target, n);
CREATE INDEX run_by_environment ON run (environment, n);

-- Kept by the code, not by triggers: with trusted_schema off a trigger may not touch a virtual table.
CREATE VIRTUAL TABLE run_text USING fts5(
  display_name, experiment, script, id, content='run', content_rowid='n', tokenize='trigram'
);
-- What only the page of one run and the engine need.
CREATE TABLE run_detail (
  run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  arguments TEXT NOT NULL,
  command TEXT NOT NULL DEFAULT '[]',
  source_directory TEXT NOT NULL,
  environment_version INTEGER,
  env_vars TEXT NOT NULL,
  timeout_s REAL,
  nonce TEXT NOT NULL DEFAULT '',
  handle TEXT NOT NULL DEFAULT '',
  lock_hash TEXT NOT NULL DEFAULT '',
  python_version TEXT NOT NULL DEFAULT '',
  outcome TEXT,
  hint TEXT NOT NULL DEFAULT '',
  error_details TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  state TEXT NOT NULL, at REAL NOT NULL, note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX history_by_run ON history (run_id, sequence);

CREATE TABLE label (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('tag', 'property')),
  key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (run_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  name TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (run_id, name, kind)
) STRICT;

-- SQLite turns NaN into NULL, so `kind` says what it is: n number, s text, b truth, x none, nan, big (int as text).
CREATE TABLE point (
  metric_id INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
  n INTEGER NOT NULL, step INTEGER, at REAL NOT NULL, kind TEXT NOT NULL, value ANY,
  PRIMARY KEY (metric_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  metric_id INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
  n INTEGER NOT NULL, at REAL NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (metric_id, n)
) STRICT, WITHOUT ROWID;

-- How far each journal file was read; written in the transaction that stores what was read.
CREATE TABLE journal (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  file TEXT NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (run_id, file)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  path TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
  PRIMARY KEY (run_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE lock (
  hash TEXT PRIMARY KEY, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE environment (
  name TEXT NOT NULL, version INTEGER NOT NULL,
  kind TEXT NOT NULL, text TEXT NOT NULL, description TEXT NOT NULL, created_at REAL NOT NULL,
  state TEXT NOT NULL DEFAULT 'Not built', build_key TEXT NOT NULL DEFAULT '', lock_hash TEXT NOT NULL DEFAULT '',
  python_version TEXT NOT NULL DEFAULT '', size INTEGER,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE model (
  name TEXT NOT NULL, version INTEGER NOT NULL, created_at REAL NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- The highest version ever given, so that a deleted version's number is never used again.
CREATE TABLE model_counter (
  name TEXT PRIMARY KEY, last_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoint (
  name TEXT PRIMARY KEY, model_name TEXT NOT NULL, model_version INTEGER NOT NULL, created_at REAL NOT NULL,
  state TEXT NOT NULL, wanted TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that were carried out, so that a request asked twice is done once.
CREATE TABLE request (
  id TEXT PRIMARY KEY, at REAL NOT NULL, reply TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


@schema()  # type: ignore[untyped-decorator]
def create_tables(db: Database) -> None:
    """Create the first schema."""
    execute(db, _TABLES)


@schema()  # type: ignore[untyped-decorator]
def add_parents_and_descriptions(db: Database) -> None:
    """Let a run belong to another one, and be described."""
    db.execute("ALTER TABLE run ADD COLUMN parent TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX run_by_parent ON run (parent, n)")
    db.execute("CREATE INDEX run_by_state_and_target ON run (state, target, n)")
    db.execute("ALTER TABLE run_detail ADD COLUMN description TEXT NOT NULL DEFAULT ''")


_DATASET_TABLES: Final = """
-- What a dataset is; a run may use one that has no name.
CREATE TABLE dataset (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, definition TEXT NOT NULL, files TEXT NOT NULL, created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dataset_version (
  name TEXT NOT NULL, version INTEGER NOT NULL, dataset_id TEXT NOT NULL REFERENCES dataset (id),
  created_at REAL NOT NULL, description TEXT NOT NULL, tags TEXT NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX dataset_version_by_dataset ON dataset_version (dataset_id);

CREATE TABLE dataset_counter (
  name TEXT PRIMARY KEY, last_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


@schema()  # type: ignore[untyped-decorator]
def add_datasets(db: Database) -> None:
    """Keep datasets and their versions."""
    execute(db, _DATASET_TABLES)


@schema()  # type: ignore[untyped-decorator]
def add_locks_of_images(db: Database) -> None:
    """Keep what an environment resolved to as an image, beside what it resolved to on this computer."""
    db.execute("ALTER TABLE environment ADD COLUMN image_lock_hash TEXT NOT NULL DEFAULT ''")


@schema()  # type: ignore[untyped-decorator]
def add_what_was_not_kept(db: Database) -> None:
    """Count damaged records of a run's journals, and name the files of a run that could not be kept."""
    db.execute("ALTER TABLE journal ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0")
    execute(
        db,
        "CREATE TABLE left_out (run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, path TEXT NOT NULL,"
        " reason TEXT NOT NULL, PRIMARY KEY (run_id, path)) STRICT, WITHOUT ROWID;",
    )


_WITH_PATHS: Final = (
    ("run_detail", "run_id", ("arguments", "command", "env_vars"), ("source_directory", "handle")),
    ("dataset", "id", ("files", "definition"), ()),
    ("endpoint", "name", ("body",), ()),
    ("model", "name || ':' || version", ("body",), ()),
)
"""Table, key, columns that hold JSON values, columns that are texts."""


@schema()  # type: ignore[untyped-decorator]
def keep_paths_without_the_workspace(db: Database) -> None:
    """Let paths into the workspace move with it."""
    file = Path(next(row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main"))
    kept = PortablePaths(str(file.parent)).kept
    for table, key, values, texts in _WITH_PATHS:
        columns = (*values, *texts)
        for found in db.execute(f"SELECT {key}, {', '.join(columns)} FROM {table}").fetchall():  # noqa: S608
            old = dict(zip(columns, found[1:], strict=True))
            new = {name: json.dumps(kept(json.loads(old[name]))) for name in values}
            new.update({name: kept(old[name]) for name in texts})
            if new != old:
                marks = ", ".join(f"{name} = ?" for name in columns)
                db.execute(
                    f"UPDATE {table} SET {marks} WHERE {key} = ?",  # noqa: S608
                    (*(new[name] for name in columns), found[0]),
                )


_FILES_READ_TABLES: Final = """
-- What runs read that did not travel with them. Paths are bytes: not every one is text.
CREATE TABLE file_read (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  path BLOB NOT NULL, place INTEGER NOT NULL, how TEXT NOT NULL,
  size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, identity TEXT NOT NULL,
  sha256 TEXT NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (run_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_read_unhashed ON file_read (run_id) WHERE content = 'not hashed yet';
CREATE INDEX file_read_by_identity ON file_read (identity) WHERE sha256 <> '';

-- How far the list that a run writes was read, and whether it read more than is kept.
CREATE TABLE files_read_position (
  run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE, position INTEGER NOT NULL, more INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX label_of_rerun ON label (value) WHERE key = 'desktop_aml.rerun_of';
"""


@schema()  # type: ignore[untyped-decorator]
def add_files_read(db: Database) -> None:
    """Keep what runs read that did not travel with them."""
    execute(db, _FILES_READ_TABLES)


_PARAMETER_TABLES: Final = """
-- What runs were given (`source` argument) and logged as parameters; `number` is what the text means, where it is one.
CREATE TABLE parameter (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  source TEXT NOT NULL, name TEXT NOT NULL, place INTEGER NOT NULL,
  text TEXT NOT NULL, kind TEXT NOT NULL, number ANY,
  PRIMARY KEY (run_id, source, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX parameter_by_name ON parameter (name, number, text);

-- JSON values of runs that one front end wrote and understands.
CREATE TABLE document (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (run_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_by_key ON document (kind, key);
"""


@schema()  # type: ignore[untyped-decorator]
def add_parameters_and_documents(db: Database) -> None:
    """Keep what runs were given and logged as parameters, comparable as numbers, and documents of front ends."""
    execute(db, _PARAMETER_TABLES)
    for run_id, text in db.execute("SELECT run_id, arguments FROM run_detail").fetchall():
        db.conn.executemany(parameter_rows.INSERT, parameter_rows.rows(run_id, of_arguments(json.loads(text))))


_SWEEP_TABLES: Final = """
-- A run that is a sweep, and what it is to do, as JSON.
CREATE TABLE sweep (
  run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Written with the run that is the trial, in one step. The run may be deleted; what was tried stays known.
CREATE TABLE trial (
  sweep_id TEXT NOT NULL REFERENCES sweep (run_id) ON DELETE CASCADE, number INTEGER NOT NULL,
  run_id TEXT NOT NULL, given TEXT NOT NULL, judged INTEGER NOT NULL DEFAULT 0, stopped TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (sweep_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_by_run ON trial (run_id);
"""


@schema()  # type: ignore[untyped-decorator]
def add_sweeps(db: Database) -> None:
    """Keep sweeps and their trials."""
    execute(db, _SWEEP_TABLES)


_OUTBOX_TABLE: Final = """
-- What has still to follow a change of the record, above all its manifest. `id` rises with every change of a thing.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, UNIQUE (kind, key)
) STRICT;
"""

_RUN_COLUMNS: Final = (
    "number, experiment, display_name, state, script, target, environment, created_at, started_at, ended_at, attempt,"
    " error, parent"
)


def marked(table: str, kind: str, key: str, columns: str = "") -> str:
    """Return triggers that put an entry of `kind` into the outbox whenever a row of `table` changes.

    Parameters
    ----------
    key : str
        Expression over the columns of a row, written ``$.name``, such as ``$.name || ':' || $.version``.
    columns : str
        The columns whose change counts; empty for all.
    """
    events = {"INSERT": "NEW", "DELETE": "OLD", f"UPDATE OF {columns}" if columns else "UPDATE": "NEW"}
    script = ""
    for event, row in events.items():
        value = key.replace("$", row)
        script += f"""
CREATE TRIGGER {table}_{event[:6].lower()}_marks AFTER {event} ON {table} BEGIN
  DELETE FROM outbox WHERE kind = '{kind}' AND key = {value};
  INSERT INTO outbox (kind, key) VALUES ('{kind}', {value});
END;
"""  # noqa: S608
    return script


_MARKED: Final = (
    ("run", "run", "$.id", _RUN_COLUMNS),
    *((table, "run", "$.run_id", "") for table in ("run_detail", "history", "label", "artifact", "left_out")),
    *((table, "run", "$.run_id", "") for table in ("file_read", "files_read_position", "parameter", "document")),
    ("sweep", "run", "$.run_id", ""),
    ("trial", "run", "$.sweep_id", ""),
    ("experiment", "experiment", "$.name", ""),
    ("environment", "environment", "$.name || ':' || $.version", ""),
    ("lock", "lock", "$.hash", ""),
    ("model", "model", "$.name || ':' || $.version", ""),
    ("model_counter", "model name", "$.name", ""),
    ("dataset", "dataset", "$.id", ""),
    ("dataset_version", "dataset version", "$.name || ':' || $.version", ""),
    ("dataset_counter", "dataset name", "$.name", ""),
    ("endpoint", "endpoint", "$.name", ""),
)


@schema()  # type: ignore[untyped-decorator]
def add_outbox(db: Database) -> None:
    """Let every change of the record be followed by its manifest; what is there already gets one, too."""
    execute(db, _OUTBOX_TABLE)
    for table, kind, key, columns in _MARKED:
        execute(db, marked(table, kind, key, columns))
        if table == kind or kind != "run":
            own = key.replace("$.", "")
            db.execute(f"INSERT INTO outbox (kind, key) SELECT '{kind}', {own} FROM {table}")  # noqa: S608


def execute(db: Database, script: str) -> None:
    """Carry out the statements of a script, one after the other."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if _is_complete(statement):
            db.execute(statement)
            statement = ""


def _is_complete(statement: str) -> bool:
    return bool(statement.strip()) and sqlite3.complete_statement(statement)
