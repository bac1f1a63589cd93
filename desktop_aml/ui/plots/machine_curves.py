"""What a run used of the computer, drawn over its time: cores, memory, disks.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_aml.domain.summaries.machine_use import UsePoint
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.canvas import LINE_WIDTH, PlotCanvas, line_color
from desktop_aml.ui.widgets.widgets import SecondaryLabel

_MEGABYTE = 1e6
_HEIGHT = 140


class MachineCurves(QWidget):
    """Three small plots, one below the other; one of which nothing was measured is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[UsePoint, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        self._layout.setSpacing(theme.SPACE_S)
        self.cores = self._add(self.tr("CPU, cores"))
        self.memory = self._add(self.tr("Memory, MB"))
        self.disks = self._add(self.tr("Disks, MB written and read (dashed)"))
        self._layout.addStretch(1)

    def _add(self, title: str) -> PlotCanvas:
        label = SecondaryLabel(title, self, small=True)
        plot = PlotCanvas(self)
        plot.setFixedHeight(_HEIGHT)
        plot.setLabel("bottom", self.tr("seconds"))
        plot.setAccessibleName(title)
        plot.all_wanted.connect(plot.box.show_all)
        self._layout.addWidget(label)
        self._layout.addWidget(plot)
        return plot

    def show_points(self, points: Sequence[UsePoint]) -> None:
        """Draw a curve; the same one is left as it is."""
        if tuple(points) == self._points:
            return
        self._points = tuple(points)
        self.restyle()

    def restyle(self) -> None:
        """Draw in the colours of the theme."""
        for plot in (self.cores, self.memory, self.disks):
            plot.clear()
            plot.restyle()
        self._draw(self.cores, 0, lambda point: point.cores)
        self._draw(self.memory, 1, lambda point: point.memory_bytes / _MEGABYTE)
        self._draw(self.disks, 2, lambda point: _megabytes(point.written_bytes))
        self._draw(self.disks, 2, lambda point: _megabytes(point.read_bytes), dashed=True)

    def _draw(self, plot: PlotCanvas, color: int, value: Callable[[UsePoint], float], *, dashed: bool = False) -> None:
        seconds = np.array([point.seconds for point in self._points])
        values = np.array([value(point) for point in self._points])
        style = pg.QtCore.Qt.PenStyle.DashLine if dashed else pg.QtCore.Qt.PenStyle.SolidLine
        plot.plot(seconds, values, pen=pg.mkPen(line_color(color), width=LINE_WIDTH, style=style))


def _megabytes(count: int | None) -> float:
    return float("nan") if count is None else count / _MEGABYTE
