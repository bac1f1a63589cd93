"""The state of a workspace as one value that can be compared: all that its database and its side files say.

What only names a row inside one database (the ids of metrics) and what is no part of the record (answered requests, the
outbox, how far journals were read) is left out; places are given by rank.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

NOT_THE_RECORD = {"request", "outbox", "run_facts", "_sqlite_migrations", "sqlite_sequence"}
"""Tables that a rebuild need not bring back."""

RANKED = {("run", "n"), ("file_read", "place"), ("parameter", "place"), ("document", "place")}
"""Columns that say only which comes first."""

OWNERS = {"run": (), "file_read": ("run_id",), "parameter": ("run_id", "source"), "document": ("run_id",)}
WITH_VALUES = ("endpoint", "model")
DEFAULTS = (("target", "local"),)
METRIC_ROWS = ("point", "point_block", "record")


def state_of(root: Path) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table that is part of the record, and the side files beside it."""
    connection = sqlite3.connect(f"file:{root / 'desktop_aml.db'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        own = [name for name in tables if name not in NOT_THE_RECORD and not name.startswith("run_text")]
        state = {table: _rows(connection, table) for table in own}
    finally:
        connection.close()
    side = root / "azureml"
    state["side files"] = [
        {"path": path.relative_to(side).as_posix(), "text": path.read_text()} for path in sorted(side.rglob("*.json"))
    ]
    return state


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, object]]:
    if table in METRIC_ROWS:
        # By the metric's name instead of its id.
        query = (
            f"SELECT metric.run_id, metric.name, metric.kind AS of_kind, {table}.* FROM {table}"
            f" JOIN metric ON metric.id = {table}.metric_id"
        )
    else:
        query = f"SELECT * FROM {table}"
    rows = [dict(row) for row in connection.execute(query)]
    for row in rows:
        for column in ("id" if table == "metric" else "metric_id",):
            row.pop(column, None)
        if table in WITH_VALUES:
            # A value that an earlier version did not know yet is the same as its default.
            values = json.loads(str(row["body"])).items()
            row["body"] = {key: value for key, value in values if value and (key, value) not in DEFAULTS}
    for ranked, column in RANKED:
        if ranked == table:
            _rank(rows, column, OWNERS[table])
    return sorted(rows, key=repr)


def _rank(rows: list[dict[str, object]], column: str, owners: tuple[str, ...]) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for row in sorted(rows, key=lambda row: (*(str(row[one]) for one in owners), row[column])):
        owner = tuple(row[one] for one in owners)
        row[column] = seen[owner] = seen.get(owner, -1) + 1
