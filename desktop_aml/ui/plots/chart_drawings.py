"""The drawn charts: lines over an axis, histograms of residuals, predictions with their errors.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.charts import Predictions, Residuals
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.canvas import line_color
from desktop_aml.ui.plots.chart_canvas import ChartCanvas
from desktop_aml.ui.plots.outlines import lone_points

_DOTS_UNTIL: Final = 60
_LINES: Final = 8
"""More lines than there are colours cannot be told apart."""

_UNIT: Final = (-0.04, 1.06)


@dataclass(frozen=True, slots=True)
class Line:
    """One named line; `note` is added to its name in the legend. `color` numbers the series."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    note: str = ""
    color: int = 0


class LineChart(ChartCanvas):
    """Lines over one axis, told apart by a legend.

    Parameters
    ----------
    is_unit : bool
        Both axes go from 0 to 1.
    has_diagonal : bool
        The line of pure chance is drawn too.
    """

    def __init__(
        self,
        title: str,
        axes: tuple[str, str],
        parent: QWidget | None = None,
        *,
        is_unit: bool = False,
        has_diagonal: bool = False,
    ) -> None:
        super().__init__(*axes, parent)
        self.lines: tuple[Line, ...] = ()
        self._title = title
        self._is_unit, self._has_diagonal = is_unit, has_diagonal
        if is_unit:
            self.show_all()
        self._items: list[pg.GraphicsObject] = []
        self.setAccessibleName(title)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draw `lines`, eight of them at most."""
        self.lines = tuple(lines[:_LINES])
        self.set_places(sorted({x for line in self.lines for x in line.x if np.isfinite(x)}))
        self.restyle()

    def show_all(self) -> None:
        """Show everything again."""
        if self._is_unit:
            self.canvas.setXRange(*_UNIT, padding=0)
            self.canvas.setYRange(*_UNIT, padding=0)
        else:
            super().show_all()

    def summary(self) -> str:
        """Return the title."""
        return self._title

    def describe(self, index: int) -> str:
        """Return the value of each line at a place, or nearest to it."""
        place = self._places[index]
        words = [
            f"{line.name} {formats.number4(line.y[_nearest(line.x, place)])}" for line in self.lines if len(line.x)
        ]
        return f"{formats.number4(place)}  ·  {'  ·  '.join(words)}"

    def draw(self) -> None:
        """Draw every line anew."""
        for item in self._items:
            self.canvas.removeItem(item)
        self._items = [self._diagonal()] if self._has_diagonal else []
        has_dots = all(len(line.x) <= _DOTS_UNTIL for line in self.lines)
        if not self._is_unit:
            self.canvas.fit(np.concatenate([np.empty(0), *(np.asarray(line.y, float) for line in self.lines)]))
        for line in self.lines:
            color = line_color(line.color)
            x, y = np.asarray(line.x, float), self.canvas.fitted(np.asarray(line.y, float))
            pen = pg.mkPen(color, width=self.canvas.line_width())
            self._items.append(pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True))
            dotted = np.isfinite(y) if has_dots else lone_points(y)
            self._items.append(pg.ScatterPlotItem(x[dotted], y[dotted], size=5, brush=color, pen=None))
        for item in self._items:
            self.canvas.addItem(item)
        is_empty = bool(self.lines) and not any(np.isfinite(np.asarray(line.y, float)).any() for line in self.lines)
        self.canvas.show_note(self.tr("No finite value to draw") if is_empty else "")
        entries = [(f"{line.name}  {line.note}".strip(), line_color(line.color)) for line in self.lines]
        has_use = len(entries) > 1 or any(line.note for line in self.lines)
        self.legend.show_entries(entries if has_use else [])

    def _diagonal(self) -> pg.GraphicsObject:
        return pg.PlotCurveItem([0, 1], [0, 1], pen=_dashed())


class ResidualsChart(ChartCanvas):
    """How many predictions were off by how much; a dashed line marks those that were right."""

    def __init__(self, chart: Residuals, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self.canvas.setLabel("bottom", self.tr("Predicted minus actual"))
        self.canvas.setLabel("left", self.tr("Count"))
        self.chart = chart
        self._bars = pg.BarGraphItem(x0=chart.edges[:-1], x1=chart.edges[1:], height=chart.counts)
        self._right = pg.InfiniteLine(pos=0, angle=90, movable=False)
        self.canvas.addItem(self._bars)
        self.canvas.addItem(self._right, ignoreBounds=True)
        self.setAccessibleName(self.tr("Histogram of residuals, {0} bins").format(len(chart.counts)))
        self.set_places([(low + high) / 2 for low, high in zip(chart.edges, chart.edges[1:], strict=False)])
        self.restyle()

    def summary(self) -> str:
        """Return how many there are and their mean, reckoned from the middles of the bins."""
        total = sum(self.chart.counts)
        if not total or not self._places:
            return self.tr("No values")
        mean = sum(at * count for at, count in zip(self._places, self.chart.counts, strict=True)) / total
        return self.tr("{0} values  ·  mean about {1}").format(formats.number4(total), formats.number4(mean))

    def describe(self, index: int) -> str:
        """Return the bounds and the count of a bin."""
        low, high = self.chart.edges[index : index + 2]
        words = self.tr("{0} to {1}: {2}")
        return words.format(*(formats.number4(value) for value in (low, high, self.chart.counts[index])))

    def draw(self) -> None:
        """Put on the colours."""
        self._bars.setOpts(brush=line_color(0), pen=pg.mkPen(theme.color("surface"), width=1))
        self._right.setPen(_dashed())


class PredictionsChart(ChartCanvas):
    """The average prediction in each bin of true values with its error, beside the ideal line."""

    def __init__(self, chart: Predictions, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self.canvas.setLabel("bottom", self.tr("True value"))
        self.canvas.setLabel("left", self.tr("Predicted value"))
        self.chart = chart
        x, y = np.array(chart.centres()), np.array(chart.averages)
        ends = [chart.edges[0], chart.edges[-1]] if chart.edges else []
        self._ideal = pg.PlotCurveItem(ends, ends)
        self._errors = pg.ErrorBarItem(x=x, y=y, height=2 * np.array(chart.errors), beam=_beam(chart.edges))
        self._line = pg.PlotCurveItem(x, y, antialias=True)
        self._dots = pg.ScatterPlotItem(x, y, size=7, pen=None)
        for item in (self._ideal, self._errors, self._line, self._dots):
            self.canvas.addItem(item)
        self.setAccessibleName(self.tr("Predicted over true values, {0} bins").format(len(x)))
        self.set_places(chart.centres())
        self.restyle()

    def summary(self) -> str:
        """Return how many values there are."""
        return self.tr("{0} values").format(formats.number4(sum(self.chart.counts)))

    def describe(self, index: int) -> str:
        """Return a bin: its bounds, the average prediction, the error, the count."""
        chart = self.chart
        values = (*chart.edges[index : index + 2], chart.averages[index], chart.errors[index], chart.counts[index])
        return self.tr("{0} to {1}: {2} ± {3}, {4} values").format(*(formats.number4(value) for value in values))

    def draw(self) -> None:
        """Put on the colours."""
        color = line_color(0)
        self._ideal.setPen(_dashed())
        self._errors.setData(pen=pg.mkPen(color, width=1))
        self._line.setPen(pg.mkPen(color, width=2))
        self._dots.setBrush(color)
        self.legend.show_entries([(self.tr("Average prediction"), color), (self.tr("Ideal"), theme.color("secondary"))])


def _dashed() -> QPen:
    pen: QPen = pg.mkPen(theme.color("secondary"), style=Qt.PenStyle.DashLine)
    return pen


def _beam(edges: Sequence[float]) -> float:
    return (edges[-1] - edges[0]) / max(1, len(edges) - 1) / 4 if edges else 0.0


def _nearest(values: Sequence[float], to: float) -> int:
    return int(np.nanargmin(np.abs(np.asarray(values, float) - to)))
