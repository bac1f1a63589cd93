"""What each trial reported of the metric, as curves; those that a rule stopped end in a mark.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.domain.sweeps.records import Trial
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.canvas import PlotCanvas, line_color
from desktop_aml.ui.widgets.widgets import SecondaryLabel

MOST_CURVES: Final = 200
"""More are a blot; the best ones are drawn."""

_FAINT: Final = 90
_MARK_SIZE: Final = 9

Curves = Mapping[int, Sequence[float]]


class LearningCurves(QWidget):
    """A line for each trial: the best one stands out, a cross says where a rule ended one."""

    def __init__(self, metric: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trials: tuple[Trial, ...] = ()
        self._curves: Curves = {}
        self._best: int | None = None
        self.canvas = PlotCanvas(self)
        self.canvas.setAccessibleName(self.tr("Plot of the learning curves"))
        self.canvas.setLabel("left", metric)
        self.canvas.setLabel("bottom", self.tr("Report of the metric"))
        self.canvas.all_wanted.connect(self.canvas.box.show_all)
        self.words = SecondaryLabel("", self, small=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE_S, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.words)
        self.setAccessibleName(self.tr("Learning curves"))
        theme.changed.connect(self._draw)

    def show_curves(self, ranked: Sequence[Trial], curves: Curves, best: int | None) -> None:
        """Draw what trials reported.

        Parameters
        ----------
        ranked : sequence of Trial
            Best first.
        best : int or None
            The number of the trial that stands out.
        """
        self._trials, self._curves, self._best = tuple(ranked[:MOST_CURVES]), curves, best
        self._draw()
        stopped = sum(trial.stopped is not None for trial in ranked)
        parts = [self.tr("{0} trials").format(formats.count(len(ranked)))]
        if len(ranked) > MOST_CURVES:
            parts.append(self.tr("the best {0} are drawn").format(formats.count(MOST_CURVES)))
        if best is not None:
            parts.append(self.tr("in colour: the best, trial {0}").format(best))
        if stopped:
            parts.append(self.tr("× marks the {0} that a rule stopped").format(formats.count(stopped)))
        self.words.setText("  ·  ".join(parts))

    def _draw(self) -> None:
        canvas = self.canvas
        canvas.restyle()
        canvas.clear()
        finite = [v for one in self._trials for v in self._curves.get(one.number, ()) if math.isfinite(v)]
        canvas.show_note("" if finite else self.tr("No trial has logged the metric yet."))
        canvas.fit(np.array(finite))
        # The best one comes last, over the others.
        for trial in reversed(self._trials):
            values = np.array(self._curves.get(trial.number, ()), dtype=float)
            if not len(values):
                continue
            is_best = trial.number == self._best
            color = line_color(0) if is_best else QColor(theme.color("secondary"))
            if not is_best:
                color.setAlpha(_FAINT)
            pen = pg.mkPen(color, width=canvas.line_width() if is_best else canvas.line_width() / 2)
            places: Floats = np.arange(1, len(values) + 1, dtype=float)
            drawn = canvas.fitted(values)
            # One report alone is a point, which no line shows.
            canvas.addItem(pg.PlotDataItem(places, drawn, pen=pen, symbol="o" if len(values) == 1 else None))
            if trial.stopped is not None:
                self._mark(float(places[-1]), float(drawn[-1]))

    def _mark(self, x: float, y: float) -> None:
        pen = pg.mkPen(theme.color("failed"), width=self.canvas.line_width())
        self.canvas.addItem(pg.ScatterPlotItem([x], [y], symbol="x", size=_MARK_SIZE, pen=pen, brush=None))
