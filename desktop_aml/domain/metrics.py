"""Values that a run logs: curves of scalars, and records (lists, rows, tables, images)."""

from __future__ import annotations

from dataclasses import dataclass

Scalar = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Point:
    """One logged scalar. `index` counts from 0 within its metric; `at` is Unix time in seconds."""

    index: int
    value: Scalar
    step: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Curve:
    """All scalars logged under one name, in logging order."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One logged list, row, table, image or chart.

    Parameters
    ----------
    kind : str
        ``"list"``, ``"row"``, ``"table"``, ``"image"``, ``"confusion_matrix"``, ``"accuracy_table"``,
        ``"residuals"`` or ``"predictions"``.
    data : object
        JSON value: a list; a dict of column to value (row) or to list (table); a dict with ``path`` for
        images and charts, which are artifacts of the run.
    """

    name: str
    kind: str
    index: int
    at: float
    data: object


@dataclass(frozen=True, slots=True)
class RunMetrics:
    """Everything a run logged."""

    curves: tuple[Curve, ...] = ()
    records: tuple[Record, ...] = ()

    def as_azure(self) -> dict[str, object]:
        """Return what Azure ML v1's ``get_metrics()`` returns: one value or a list per name."""
        result: dict[str, object] = {}
        for curve in self.curves:
            values = [point.value for point in curve.points]
            result[curve.name] = values[0] if len(values) == 1 else values
        grouped: dict[str, list[Record]] = {}
        for record in self.records:
            grouped.setdefault(record.name, []).append(record)
        for name, records in grouped.items():
            if name not in result:
                result[name] = _azure_value(records)
        return result


def _azure_value(records: list[Record]) -> object:
    kind = records[0].kind
    same = [record.data for record in records if record.kind == kind]
    if kind == "list":
        merged = [item for part in same if isinstance(part, list) for item in part]
        return merged[0] if len(merged) == 1 else merged
    if kind in {"row", "table"}:
        columns: dict[str, list[object]] = {}
        for part in same:
            for column, cell in (part if isinstance(part, dict) else {}).items():
                columns.setdefault(column, []).extend(cell if isinstance(cell, list) else [cell])
        return {column: cells[0] if len(cells) == 1 else cells for column, cells in columns.items()}
    return same[0]
