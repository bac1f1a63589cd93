"""Values that a run logs: curves of scalars, and records (lists, rows, tables, images)."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_aml.inside_run.site.desktop_aml_run import metric_shapes

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
    run_id: str = ""

    def as_azure(self) -> dict[str, object]:
        """Return what Azure ML v1's ``get_metrics()`` returns: one value or a list per name."""
        return metric_shapes.shaped(
            self.in_logging_order(), lambda _, path: metric_shapes.artifact_uri(self.run_id, path)
        )

    def in_logging_order(self) -> list[tuple[str, str, object]]:
        """Return every logged value, by the time of the first of its name and kind."""
        found: list[tuple[float, list[tuple[str, str, object]]]] = [
            (curve.points[0].at, [(curve.name, "scalar", point.value) for point in curve.points])
            for curve in self.curves
            if curve.points
        ]
        found += [(record.at, [(record.name, record.kind, record.data)]) for record in self.records]
        found.sort(key=lambda group: group[0])
        return [entry for _, group in found for entry in group]
