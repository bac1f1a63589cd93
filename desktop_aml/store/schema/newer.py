"""The schema from its eleventh version on; what holds for `migrations` holds here."""

from __future__ import annotations

import math
from typing import Any, Final

from sqlite_utils import Database

from desktop_aml.store.migrations import execute, marked, schema
from desktop_aml.store.points.block_rows import pack_rows

__all__ = ["SCHEMA_VERSION", "schema"]

SCHEMA_VERSION: Final = 20
"""Number of migrations; kept in ``PRAGMA user_version`` so that a current database opens without this module."""

_SUMMARIES: Final = ("first", "last", "least", "greatest", "newest")
_FILLED: Final = """
UPDATE metric SET
  first_kind = coalesce((SELECT kind FROM point WHERE metric_id = id AND n = 0), ''),
  first = (SELECT iif(kind = 's', substr(value, 1, 100), value) FROM point WHERE metric_id = id AND n = 0),
  last_kind = coalesce((SELECT kind FROM point WHERE metric_id = id AND n = count - 1), ''),
  last = (SELECT iif(kind = 's', substr(value, 1, 100), value) FROM point WHERE metric_id = id AND n = count - 1)
WHERE kind = 'scalar'
"""
_NUMBERS: Final = """
SELECT metric_id, kind, value, coalesce(step, 0), at FROM point
WHERE kind IN ('n', 'nan', 'b', 'big') ORDER BY metric_id, n
"""
_SET: Final = """
UPDATE metric SET least_kind = ?, least = ?, greatest_kind = ?, greatest = ?,
  newest_kind = ?, newest = ?, newest_step = ?, newest_at = ? WHERE id = ?
"""


@schema()  # type: ignore[untyped-decorator]
def add_summaries_of_metrics(db: Database) -> None:
    """Keep first, last, least and greatest value of each metric, and the one that MLflow calls the latest."""
    for name in _SUMMARIES:
        db.execute(f"ALTER TABLE metric ADD COLUMN {name}_kind TEXT NOT NULL DEFAULT ''")
        db.execute(f"ALTER TABLE metric ADD COLUMN {name} ANY")
    db.execute("ALTER TABLE metric ADD COLUMN newest_step INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE metric ADD COLUMN newest_at REAL NOT NULL DEFAULT 0")
    fill_summaries(db)


def fill_summaries(db: Database) -> None:
    """Fill the summaries of metrics from their points, in one walk over the points of all."""
    db.execute(_FILLED)
    of, summary = None, _Numbers()
    done: list[tuple[object, ...]] = []
    for metric_id, kind, value, step, at in db.execute(_NUMBERS):
        if metric_id != of:
            if of is not None:
                done.append((*summary.columns(), of))
            of, summary = metric_id, _Numbers()
        summary.add(kind, value, step, at)
    if of is not None:
        done.append((*summary.columns(), of))
    db.conn.executemany(_SET, done)


class _Numbers:
    """Least, greatest and newest of the numbers of one metric, and the kind of each."""

    def __init__(self) -> None:
        self.least: tuple[float, str, Any] | None = None
        self.greatest: tuple[float, str, Any] | None = None
        self.newest: tuple[int, float, bool, float] | None = None

    def add(self, kind: str, value: Any, step: int, at: float) -> None:
        number: float = int(value) if kind == "big" else value or 0.0
        if kind != "nan":
            if self.least is None or number < self.least[0]:
                self.least = number, kind, value
            if self.greatest is None or number > self.greatest[0]:
                self.greatest = number, kind, value
        order = step, at, kind != "nan", _as_float(number)
        if self.newest is None or order > self.newest:
            self.newest = order

    def columns(self) -> tuple[object, ...]:
        step, at, is_number, value = self.newest or (0, 0.0, False, 0.0)
        least = self.least[1:] if self.least else ("nan", None)
        greatest = self.greatest[1:] if self.greatest else ("nan", None)
        return (*least, *greatest, *(("n", value) if is_number else ("nan", None)), step, at)


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


@schema()  # type: ignore[untyped-decorator]
def add_indexes_of_names(db: Database) -> None:
    """Let the names of metrics and tags be found without reading those of all runs."""
    db.execute("CREATE INDEX metric_by_name ON metric (kind, name)")
    db.execute("CREATE INDEX label_by_key ON label (kind, key)")


_KEPT_OF_A_RUN: Final = (
    "number, experiment, display_name, state, script, target, environment, created_at, started_at, ended_at, attempt,"
    " error, parent, starred, archived_at, deleted_at"
)


@schema()  # type: ignore[untyped-decorator]
def add_shelves(db: Database) -> None:
    """Let runs have a star, be archived, and lie in a trash, in which MLflow's deleted runs are already."""
    db.execute("ALTER TABLE run ADD COLUMN starred INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE run ADD COLUMN archived_at REAL")
    db.execute("ALTER TABLE run ADD COLUMN deleted_at REAL")
    db.execute("CREATE INDEX run_by_deleted ON run (deleted_at) WHERE deleted_at IS NOT NULL")
    db.execute("CREATE INDEX run_by_archived ON run (archived_at) WHERE archived_at IS NOT NULL")
    db.execute(
        "UPDATE run SET deleted_at = coalesce(ended_at, created_at) WHERE id IN (SELECT run_id FROM document"
        " WHERE kind = 'mlflow.run' AND key = 'lifecycle' AND json_extract(body, '$.stage') = 'deleted')"
    )
    for event in ("insert", "delete", "update"):
        db.execute(f"DROP TRIGGER run_{event}_marks")
    execute(db, marked("run", "run", "$.id", _KEPT_OF_A_RUN))


@schema()  # type: ignore[untyped-decorator]
def add_queue_order(db: Database) -> None:
    """Let queued runs have a priority and a place that somebody gave them."""
    db.execute("ALTER TABLE run ADD COLUMN priority INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE run ADD COLUMN queue_rank REAL")
    order = "priority DESC, coalesce(queue_rank, n), n"
    db.execute(f"CREATE INDEX run_queue ON run (target, {order}) WHERE state = 'Queued'")
    db.execute(f"CREATE INDEX run_queue_of_all ON run ({order}) WHERE state = 'Queued'")
    for event in ("insert", "delete", "update"):
        db.execute(f"DROP TRIGGER run_{event}_marks")
    execute(db, marked("run", "run", "$.id", f"{_KEPT_OF_A_RUN}, priority, queue_rank"))


@schema()  # type: ignore[untyped-decorator]
def add_shelves_of_experiments(db: Database) -> None:
    """Let experiments be archived and deleted, and keep when that was last said of each."""
    db.execute("ALTER TABLE experiment ADD COLUMN archived_at REAL")
    db.execute("ALTER TABLE experiment ADD COLUMN deleted_at REAL")
    db.execute("ALTER TABLE experiment ADD COLUMN told_at REAL NOT NULL DEFAULT 0")


_BLOCKS: Final = """
-- Points of a curve whose indexes lie between two multiples of 2048, where numbers are all they are; no row is beside
-- them. The short columns come first: who wants only the extremes reads no more than those. With its rowid: of a table
-- without one SQLite reads whole rows to compare their keys.
CREATE TABLE point_block (
  metric_id INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
  first INTEGER NOT NULL,
  step INTEGER, stride INTEGER, extremes BLOB NOT NULL, extreme_steps BLOB,
  whole BLOB NOT NULL, steps BLOB, times BLOB NOT NULL, numbers BLOB NOT NULL,
  UNIQUE (metric_id, first)
) STRICT;
"""


@schema()  # type: ignore[untyped-decorator]
def add_blocks_of_points(db: Database) -> None:
    """Keep points in blocks, which are read a hundred times as quickly as rows and take half their place."""
    execute(db, _BLOCKS)
    for metric_id, count in db.execute("SELECT id, count FROM metric WHERE kind = 'scalar'").fetchall():
        pack_rows(db.execute, metric_id, count)


@schema()  # type: ignore[untyped-decorator]
def index_metrics_by_name_alone(db: Database) -> None:
    """Let no index begin with what nearly all metrics have in common: SQLite took it for a choice of few of them."""
    db.execute("DROP INDEX metric_by_name")
    db.execute("CREATE INDEX metric_by_name ON metric (name) WHERE kind = 'scalar'")


@schema()  # type: ignore[untyped-decorator]
def index_parameters_with_their_kind(db: Database) -> None:
    """Let a comparison of parameters be answered by their index alone: it asks for the kind of each, too."""
    db.execute("DROP INDEX parameter_by_name")
    db.execute("CREATE INDEX parameter_by_name ON parameter (name, number, text, kind, source)")


_FACTS: Final = """
-- What a list says of a run, see `store/facts`: nothing where it is not kept, or not true any more.
CREATE TABLE run_facts (
  n INTEGER PRIMARY KEY REFERENCES run (n) ON DELETE CASCADE, names TEXT, packed TEXT
) STRICT;
CREATE INDEX run_facts_due ON run_facts (n) WHERE packed IS NULL;
INSERT INTO run_facts (n) SELECT n FROM run;
CREATE TRIGGER run_insert_facts AFTER INSERT ON run BEGIN
  INSERT INTO run_facts (n) VALUES (NEW.n);
END;
"""

_FACTS_END: Final = """
CREATE TRIGGER {table}_{event}_facts AFTER {when} ON {table} BEGIN
  UPDATE run_facts SET packed = NULL WHERE n = (SELECT n FROM run WHERE id = {row}.run_id) AND packed IS NOT NULL;
END;
"""


@schema()  # type: ignore[untyped-decorator]
def add_facts_of_runs(db: Database) -> None:
    """Keep what lists say of a run in one row of it; whatever changes that takes the row's words away."""
    execute(db, _FACTS)
    of_metric = ", ".join(
        ("name", "kind", "count", *(f"{name}{kind}" for name in _SUMMARIES[:4] for kind in ("", "_kind")))
    )
    for table, columns in (("parameter", ""), ("label", ""), ("metric", f" OF {of_metric}")):
        for event, when, row in (
            ("insert", "INSERT", "NEW"), ("delete", "DELETE", "OLD"), ("update", f"UPDATE{columns}", "NEW"),
        ):  # fmt: skip
            execute(db, _FACTS_END.format(table=table, event=event, when=when, row=row))


_ENVIRONMENT_COUNTER: Final = """
-- The highest version ever given, so that a label means one text for ever.
CREATE TABLE environment_counter (
  name TEXT PRIMARY KEY, last_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


@schema()  # type: ignore[untyped-decorator]
def let_environments_go(db: Database) -> None:
    """Let environments be renamed and deleted, and no number of a version be given twice."""
    db.execute("ALTER TABLE environment ADD COLUMN deleted_at REAL")
    db.execute("ALTER TABLE environment ADD COLUMN former_names TEXT NOT NULL DEFAULT '[]'")
    execute(db, _ENVIRONMENT_COUNTER)
    execute(db, marked("environment_counter", "environment name", "$.name", ""))
    db.execute("INSERT INTO environment_counter SELECT name, max(version) FROM environment GROUP BY name")
