"""The charts that Azure ML v1 knows by form: what `log_confusion_matrix` and its kin store, read and reckoned with.

The forms are those of Azure ML's Run class: ``{"schema_type": …, "schema_version": …, "data": {…}}``. What is off is
said in words, never guessed at.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.errors import InvalidInput

_LARGEST: Final = 1e300
_CELLS: Final = 4
"""Cells of one threshold of an accuracy table: true and false positives, true and false negatives."""


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """How often each true class was predicted as each class.

    Parameters
    ----------
    labels : tuple of str
        Names of the ``n`` classes.
    counts : tuple of tuple of float, shape (n, n)
        ``counts[true][predicted]``.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]

    def accuracy(self) -> float:
        """Return the share of right predictions; 0 of an empty matrix."""
        total = sum(map(sum, self.counts))
        return sum(row[place] for place, row in enumerate(self.counts)) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Trace:
    """A curve over the thresholds of one class, and the area under it."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


@dataclass(frozen=True, slots=True)
class AccuracyTable:
    """How a classifier does at each threshold of probability.

    Parameters
    ----------
    labels : tuple of str
        Names of the ``n`` classes.
    cells : shape (n, n_thresholds, 4)
        True positives, false positives, true negatives, false negatives of a class against the rest.
    """

    labels: tuple[str, ...]
    cells: tuple[tuple[tuple[float, ...], ...], ...]

    def roc(self, place: int) -> Trace:
        """Return true positive rate over false positive rate of a class; the area is that of trapezoids."""
        points = {(0.0, 0.0), (1.0, 1.0)}
        for hits, false_alarms, rejections, misses in self.cells[place]:
            if hits + misses and false_alarms + rejections:
                points.add((false_alarms / (false_alarms + rejections), hits / (hits + misses)))
        ordered = sorted(points)
        area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in itertools.pairwise(ordered))
        return Trace(*_columns(ordered), area)

    def precision_recall(self, place: int) -> Trace:
        """Return precision over recall of a class; the area is the average precision, not interpolated.

        The average precision is ``sum((recall[i] - recall[i - 1]) * precision[i])``, as in scikit-learn.
        """
        best: dict[float, float] = {}
        for hits, false_alarms, _, misses in self.cells[place]:
            if hits + misses and hits + false_alarms:
                recall, precision = hits / (hits + misses), hits / (hits + false_alarms)
                best[recall] = max(precision, best.get(recall, 0.0))
        ordered = sorted(best.items())
        area, before = 0.0, 0.0
        for recall, precision in ordered:
            area, before = area + (recall - before) * precision, recall
        return Trace(*_columns(ordered), area)


@dataclass(frozen=True, slots=True)
class Residuals:
    """A histogram of predicted minus actual values: ``n + 1`` edges, ``n`` counts."""

    edges: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predicted against true values, in ``n`` bins of the true value.

    Parameters
    ----------
    edges : tuple of float, shape (n + 1,)
        Bounds of the bins on the axis of true values.
    averages, errors, counts : tuple of float, shape (n,)
        Average prediction, its error, and how many fell into a bin.
    """

    edges: tuple[float, ...]
    averages: tuple[float, ...]
    errors: tuple[float, ...]
    counts: tuple[float, ...]

    def centres(self) -> tuple[float, ...]:
        """Return the middle of each bin."""
        return tuple((low + high) / 2 for low, high in zip(self.edges, self.edges[1:], strict=False))


Chart = ConfusionMatrix | AccuracyTable | Residuals | Predictions


def read_chart(kind: str, content: object) -> Chart:
    """Read the JSON value of a record of a kind of `READERS`.

    Raises
    ------
    InvalidInput
        When the value has not the form that Azure ML gives such a chart; the message says where.
    """
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise _off("it has no “data”")
    return READERS[kind](data)


def _read_confusion_matrix(data: dict[str, object]) -> ConfusionMatrix:
    labels = _labels(data)
    rows = _list(data, "matrix")
    if len(rows) != len(labels):
        raise _off(f"“matrix” has {len(rows)} rows for {len(labels)} classes")
    counts = tuple(_numbers(row, f"row {at} of “matrix”", len(labels)) for at, row in enumerate(rows, 1))
    return ConfusionMatrix(labels, counts)


def _read_accuracy_table(data: dict[str, object]) -> AccuracyTable:
    labels = _labels(data)
    tables = _list(data, "probability_tables")
    if len(tables) != len(labels):
        raise _off(f"“probability_tables” has {len(tables)} tables for {len(labels)} classes")
    return AccuracyTable(labels, tuple(_table(table, label) for table, label in zip(tables, labels, strict=True)))


def _table(table: object, label: str) -> tuple[tuple[float, ...], ...]:
    if not isinstance(table, list):
        raise _off(f"the table of “{label}” is no list")
    return tuple(_numbers(row, f"row {at} of the table of “{label}”", _CELLS) for at, row in enumerate(table, 1))


def _read_residuals(data: dict[str, object]) -> Residuals:
    edges = _numbers(data.get("bin_edges"), "“bin_edges”")
    return Residuals(edges, _numbers(data.get("bin_counts"), "“bin_counts”", len(edges) - 1))


def _read_predictions(data: dict[str, object]) -> Predictions:
    edges = _numbers(data.get("bin_edges"), "“bin_edges”")
    names = ("bin_averages", "bin_errors", "bin_counts")
    return Predictions(edges, *(_numbers(data.get(name), f"“{name}”", len(edges) - 1) for name in names))


READERS: Final[dict[str, Callable[[dict[str, object]], Chart]]] = {
    "confusion_matrix": _read_confusion_matrix,
    "accuracy_table": _read_accuracy_table,
    "residuals": _read_residuals,
    "predictions": _read_predictions,
}
"""How each kind of chart is read."""


def _labels(data: dict[str, object]) -> tuple[str, ...]:
    labels = tuple(str(label) for label in _list(data, "class_labels"))
    if not labels:
        raise _off("“class_labels” is empty")
    return labels


def _list(data: dict[str, object], name: str) -> list[object]:
    value = data.get(name)
    if not isinstance(value, list):
        raise _off(f"“{name}” is no list" if name in data else f"“{name}” is missing")
    return value


def _numbers(value: object, name: str, count: int | None = None) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise _off(f"{name} is no list")
    if count is not None and len(value) != count:
        raise _off(f"{name} has {len(value)} numbers where {max(count, 0)} belong")
    for at, cell in enumerate(value, 1):
        if isinstance(cell, bool) or not isinstance(cell, (int, float)) or not -_LARGEST < cell < _LARGEST:
            raise _off(f"{name} holds no number at place {at}")
    return tuple(float(cell) for cell in value)


def _columns(points: Iterable[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    kept = list(points)
    return tuple(x for x, _ in kept), tuple(y for _, y in kept)


def _off(reason: str) -> InvalidInput:
    return InvalidInput(
        f"This cannot be drawn: {reason}.",
        "The file is under Outputs as the script wrote it; Azure ML would refuse it.",
    )
