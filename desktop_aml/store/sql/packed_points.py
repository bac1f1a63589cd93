"""Points that lie in blocks as rows of a view: SQLite reads no arrays, so functions of ours take them apart.

A block becomes a JSON array with a text for each point; three functions say what is in such a text. As numbers of JSON
they would be read by SQLite, which may round the last bit.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from desktop_aml.store.points.packed import Block, unpacked

_APART: Final = "packed_points"
_STEP, _AT, _VALUE = "packed_step", "packed_at", "packed_value"

SELECT: Final = (
    "SELECT metric.run_id, metric.name, block.first + one.key AS n,"  # noqa: S608  fixed texts
    f" {_STEP}(one.value) AS step, {_AT}(one.value) AS at, {_VALUE}(one.value) AS value,"
    " one.value LIKE '% nan' AS is_nan FROM {metric} AS metric"
    " JOIN {point_block} AS block ON block.metric_id = metric.id JOIN json_each("
    f"{_APART}(block.step, block.stride, block.whole, block.steps, block.times, block.numbers)) AS one"
)


def make_functions(connection: sqlite3.Connection) -> None:
    """Let `SELECT` be asked on a connection."""
    connection.create_function(_APART, 6, _apart, deterministic=True)
    connection.create_function(_STEP, 1, _step, deterministic=True)
    connection.create_function(_AT, 1, lambda text: float(text.split(" ")[1]), deterministic=True)
    connection.create_function(_VALUE, 1, _value, deterministic=True)


def _apart(
    step: int | None, stride: int | None, whole: bytes, steps: bytes | None, times: bytes, numbers: bytes
) -> str:
    block = Block(step, stride, b"", None, whole, steps, times, numbers)
    return json.dumps([f"{'' if step is None else step} {at!r} {value!r}" for step, at, value in unpacked(block)])


def _step(text: str) -> int | None:
    step = text.split(" ")[0]
    return int(step) if step else None


def _value(text: str) -> float | None:
    value = text.split(" ")[2]
    # What is a whole number was logged as one; SQLite has no NaN.
    return int(value) if value.lstrip("-").isdecimal() else None if value == "nan" else float(value)
