"""Metrics by a formula for runs that are compared: their curves, and their rows in the table. Imports numpy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from desktop_aml.domain.compare.runs import ComparedRow, RunComparison, Section
from desktop_aml.domain.compare.sheet import of_comparison
from desktop_aml.domain.metrics import CurveColumns, Scalar, number_of
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.domain.summaries.formulas import Formula, Name, Node, Number
from desktop_aml.ui.plots.data import CurveData, MetricBook

_OPERATIONS: Final = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
}
_ENDLESS: Final = frozenset({"/", "^", "log", "log10", "exp"})
"""What makes something infinite out of numbers that are not."""

Given = Mapping[str, Scalar]


def with_formulas(
    found: RunComparison, books: Mapping[str, MetricBook], formulas: Sequence[Formula]
) -> tuple[RunComparison, dict[str, MetricBook]]:
    """Return a comparison with a row for each formula, and the books of its runs with a curve for each.

    A metric that a run logged under the name of a formula stays what it is.
    """
    given = _given(found)
    logged = {row.name for row in found.rows if row.section is Section.METRICS}
    logged |= {name for book in books.values() for name in book.curves}
    rows, fuller = [], {run_id: _copy(book) for run_id, book in books.items()}
    for formula in formulas:
        if formula.name in logged:
            continue
        values = []
        for place, run in enumerate(found.runs):
            book = books.get(run.id, MetricBook())
            value = formula.value(lambda name, b=book, g=given[place]: value_of(b, g, name))  # type: ignore[misc]
            values.append(None if math.isnan(value) else value)
            curve = curve_of(formula, book, given[place])
            if len(curve):
                fuller.setdefault(run.id, MetricBook()).curves[formula.name] = curve
        if any(value is not None for value in values):
            rows.append(ComparedRow(Section.METRICS, formula.name, tuple(values)))
    return replace(found, rows=(*found.rows, *rows)), fuller


def _copy(book: MetricBook) -> MetricBook:
    made = MetricBook()
    made.curves = dict(book.curves)
    return made


def _given(found: RunComparison) -> list[Given]:
    columns = [one for one in of_comparison(found).columns if one.kind is FieldKind.PARAMETER]
    return [{one.name: one.values[place] for one in columns} for place in range(len(found.runs))]


def value_of(book: MetricBook, given: Given, name: Name) -> float:
    """Return what a name means for a run; NaN where it has none."""
    if name.part == "param":
        return number_of(name.given(given))
    curve = book.curves.get(name.name)
    if curve is None or not len(curve):
        return math.nan
    bounds = curve.bounds()
    match name.part:
        case "min":
            return bounds[0] if bounds else math.nan
        case "max":
            return bounds[1] if bounds else math.nan
        case "first":
            return number_of(curve.value(0))
    return number_of(curve.value(len(curve) - 1))


def curve_of(formula: Formula, book: MetricBook, given: Given) -> CurveData:
    """Return the values of a formula at every step that all its metrics have; empty where there are none."""
    found = CurveData(formula.name)
    names = [name for name in formula.names() if name.part == "last"]
    curves = [book.curves.get(name.name) for name in names]
    known = [curve for curve in curves if curve is not None and len(curve)]
    if not names or len(known) < len(names):
        return found
    steps = known[0].positions("step")
    for curve in known[1:]:
        steps = np.intersect1d(steps, curve.positions("step"))
    steps = np.unique(steps)
    table = {name: _at(curve, curve.numbers(), steps) for name, curve in zip(names, known, strict=True)}
    with np.errstate(all="ignore"):
        values = _values(formula.node, table, book, given)
    times = _at(known[0], known[0].positions("time"), steps)
    values = np.broadcast_to(np.asarray(values, dtype=np.float64), steps.shape).copy()
    found.take(CurveColumns(formula.name, 0, steps, times, values, {}, has_steps=True))
    return found


def _at(curve: CurveData, values: Floats, steps: Floats) -> Floats:
    """Return the values of a curve at steps that it has; the last one of a step counts."""
    order = np.argsort(curve.positions("step"), kind="stable")
    places = np.searchsorted(curve.positions("step")[order], steps, side="right") - 1
    found: Floats = values[order][places]
    return found


def _values(node: Node, table: Mapping[Name, Floats], book: MetricBook, given: Given) -> Floats | float:
    if isinstance(node, Number):
        return np.float64(node.value)
    if isinstance(node, Name):
        return table[node] if node in table else np.float64(value_of(book, given, node))
    parts = [_values(one, table, book, given) for one in node.of]
    if node.sign in ("min", "max"):
        pick = np.minimum if node.sign == "min" else np.maximum
        found: Floats = parts[0]
        for part in parts[1:]:
            found = pick(found, part)
        return found
    result: Floats = _OPERATIONS[node.sign](*parts)
    if node.sign not in _ENDLESS:
        return result
    # As for one value of a run: what has no value, such as a division by 0, is none, and not infinite.
    is_known = np.logical_and.reduce(np.broadcast_arrays(*map(np.isfinite, parts)))
    return np.where(is_known & np.isinf(result), np.nan, result)
