"""One metric of several runs: a line each, and under the pointer what every run has there.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.compare.band import BandItem
from desktop_aml.ui.compare.means import Band
from desktop_aml.ui.compare.readout import Reading, Readout
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.canvas import line_color
from desktop_aml.ui.plots.chart_canvas import ChartCanvas
from desktop_aml.ui.plots.data import CurveData

_ANTIALIASED_UNTIL: Final = 300
_DOTS_UNTIL: Final = 60
_SETTLE_MS: Final = 30


@dataclass(frozen=True, slots=True)
class RunCurve:
    """The curve of one run, or the mean of a group of them.

    Parameters
    ----------
    place : int
        Gives its colour.
    origin : float
        0 on the time axis, Unix time in seconds.
    band : Band, optional
        Of a mean: its places are the curve's steps, whatever the axis, and it is as smooth as it shall be.
    """

    run_id: str
    name: str
    place: int
    curve: CurveData
    origin: float = 0.0
    band: Band | None = None

    def axis(self, wanted: str) -> str:
        """Return what the curve calls the axis."""
        return wanted if self.band is None else "step"


@dataclass(frozen=True, slots=True)
class Manner:
    """How curves are drawn: over which axis, on which scale, how smooth."""

    axis: str = "step"
    is_log: bool = False
    weight: float = 0.0


class CompareChart(ChartCanvas):
    """Draws the curves of runs over each other; a run can be hidden."""

    view_chosen = Signal(object)
    """The part of the horizontal axis that a person zoomed to, as (left, right); None for everything."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self.title = title
        self.curves: tuple[RunCurve, ...] = ()
        self._manner = Manner()
        self._hidden: frozenset[str] = frozenset()
        self._items: dict[str, tuple[pg.PlotCurveItem, pg.ScatterPlotItem, BandItem]] = {}
        self._is_zoomed = False
        self.readout = Readout(self.canvas)
        self.words.setFont(theme.font("strong"))
        self.setAccessibleName(title)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.draw)
        self.canvas.box.sigRangeChangedManually.connect(self._on_view_range_changed)
        self.restyle()

    def show_curves(self, curves: Sequence[RunCurve], manner: Manner) -> None:
        """Draw `curves` in a manner."""
        is_other = (manner.axis, manner.is_log) != (self._manner.axis, self._manner.is_log)
        self.curves, self._manner = tuple(curves), manner
        words = {"step": self.tr("Step"), "time": self.tr("Time (s)"), "index": self.tr("Index")}
        self.canvas.setLabel("bottom", words[manner.axis])
        self.canvas.getAxis("left").setLogMode(False, manner.is_log)
        if is_other:
            self.show_view(None)
        self.draw()

    def hide_runs(self, run_ids: frozenset[str]) -> None:
        """Leave out the lines of these runs."""
        if run_ids != self._hidden:
            self._hidden = run_ids
            self.draw()

    def shown(self) -> list[RunCurve]:
        """Return the curves that are drawn."""
        return [one for one in self.curves if one.run_id not in self._hidden]

    def summary(self) -> str:
        """Return the name of the metric."""
        return self.title

    def describe(self, index: int) -> str:
        """Return the place; the values stand in the readout."""
        return f"{self.title}  ·  {self._place_words(self._places[index])}"

    def _place_words(self, x: float) -> str:
        if self._manner.axis == "time":
            return formats.duration(x)
        words = self.tr("step {0}") if self._manner.axis == "step" else self.tr("index {0}")
        return words.format(formats.count(round(x)))

    def readings(self, x: float) -> list[Reading]:
        """Return what every shown run has nearest to `x`, the greatest value first; what is no number comes last."""
        found = []
        for one in self.shown():
            index = one.curve.nearest(one.axis(self._manner.axis), x, one.origin)
            if index is not None:
                found.append(Reading(one.name, one.place, one.curve.value(index)))
        return sorted(found, key=Reading.order)

    def choose(self, index: int | None) -> None:
        """Mark a place and list what the runs have there."""
        super().choose(index)
        if not hasattr(self, "readout"):
            return
        if index is None:
            self.readout.hide()
            return
        x = self._places[index]
        readings = self.readings(x)
        self.setAccessibleDescription("; ".join([self.describe(index), *(one.words() for one in readings)]))
        across = self.canvas.mapFromScene(self.canvas.box.mapViewToScene(pg.Point(x, 0)))
        self.readout.show_readings(self._place_words(x), readings, across.x())

    # Drawing.

    def draw(self) -> None:
        """Draw every line that is not hidden."""
        if not hasattr(self, "_items"):
            return
        shown = self.shown()
        for run_id in set(self._items) - {one.run_id for one in shown}:
            for item in self._items.pop(run_id):
                self.canvas.removeItem(item)
        if not self._manner.is_log:
            every = [np.array(one.curve.bounds() or ()) for one in shown]
            self.canvas.fit(np.concatenate([np.empty(0), *every]))
        else:
            self.canvas.fit(np.empty(0))
        places = [self._draw_line(one) for one in shown]
        xs = np.unique(np.concatenate([np.empty(0), *places]))
        chosen = None if self._chosen is None else self._places[self._chosen]
        self._places = xs[np.isfinite(xs)].tolist()
        # What is marked stays marked, whatever comes or goes.
        self.choose(None if chosen is None else self.nearest(chosen))
        drawable = any(one.curve.drawable_count(log=self._manner.is_log) for one in shown)
        words = ""
        if shown and not drawable:
            has_any = any(one.curve.drawable_count(log=False) for one in shown)
            log_words = self.tr("No value above 0: a log scale has no place for them")
            words = log_words if has_any else self.tr("No finite value to draw")
        elif self.curves and not shown:
            words = self.tr("Every run is hidden")
        self.canvas.show_note(words)

    def _draw_line(self, one: RunCurve) -> Floats:
        manner, view = self._manner, None
        if self._is_zoomed:
            left, right = self.canvas.box.viewRange()[0]
            view = (left, right)
        weight = manner.weight if one.band is None else 0.0
        x, y = one.curve.outline(one.axis(manner.axis), one.origin, log=manner.is_log, view=view, weight=weight)
        y = self.canvas.fitted(y)
        if one.run_id not in self._items:
            self._items[one.run_id] = pg.PlotCurveItem(), pg.ScatterPlotItem(size=5, pen=None), BandItem()
            for item in self._items[one.run_id]:
                self.canvas.addItem(item)
        line, dots, band = self._items[one.run_id]
        color = line_color(one.place)
        band.show_band(one.band, color, self.canvas.fitted, is_log=manner.is_log)
        line.setPen(pg.mkPen(color, width=self.canvas.line_width(), style=theme.series_style(one.place)))
        line.setData(x, y, connect="finite", antialias=len(x) <= _ANTIALIASED_UNTIL)
        dotted = np.isfinite(y) if len(x) <= _DOTS_UNTIL else np.zeros(len(x), dtype=bool)
        dots.setBrush(color)
        dots.setData(x[dotted], y[dotted])
        return x

    # Zoom.

    def show_view(self, view: tuple[float, float] | None) -> None:
        """Show a part of the horizontal axis, or everything for None."""
        self._is_zoomed = view is not None
        if view is None:
            self.canvas.box.show_all()
        else:
            self.canvas.box.show_part(*view)
        self._settle.start()

    def show_all(self) -> None:
        """Show everything, here and in the charts that are linked."""
        self.show_view(None)
        self.view_chosen.emit(None)

    def _on_view_range_changed(self, _enabled: object) -> None:
        self._is_zoomed = True
        self._settle.start()
        left, right = self.canvas.box.viewRange()[0]
        self.view_chosen.emit((left, right))
