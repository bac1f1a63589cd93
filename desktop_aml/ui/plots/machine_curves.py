"""What a run used of the computer, drawn over its time: cores, memory, disks, GPUs.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.domain.summaries.machine_use import UsePoint
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.canvas import LINE_WIDTH, PlotCanvas, line_color
from desktop_aml.ui.widgets.widgets import SecondaryLabel

_MEGABYTE = 1e6
_HEIGHT = 140


class MachineCurves(QWidget):
    """Small plots, one below the other; those of GPUs are there for a run that used some."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[UsePoint, ...] = ()
        self._on_gpus: tuple[GpuPoint, ...] = ()
        self._labels: dict[PlotCanvas, SecondaryLabel] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        self._layout.setSpacing(theme.SPACE_S)
        self.cores = self._add(self.tr("CPU, cores"))
        self.memory = self._add(self.tr("Memory, MB"))
        self.disks = self._add(self.tr("Disks, MB written and read (dashed)"))
        self.gpus = self._add(self.tr("GPUs, how many were busy"), is_shown=False)
        self.gpu_memory = self._add(self.tr("GPU memory, MB"), is_shown=False)
        self._layout.addStretch(1)

    def _add(self, title: str, *, is_shown: bool = True) -> PlotCanvas:
        label = SecondaryLabel(title, self, small=True)
        plot = PlotCanvas(self)
        plot.setFixedHeight(_HEIGHT)
        plot.setLabel("bottom", self.tr("seconds"))
        plot.setAccessibleName(title)
        plot.all_wanted.connect(plot.box.show_all)
        self._layout.addWidget(label)
        self._layout.addWidget(plot)
        self._labels[plot] = label
        self._show(plot, is_shown)
        return plot

    def _show(self, plot: PlotCanvas, is_shown: bool) -> None:
        plot.setVisible(is_shown)
        self._labels[plot].setVisible(is_shown)

    def show_points(self, points: Sequence[UsePoint], on_gpus: Sequence[GpuPoint] = ()) -> None:
        """Draw the curves of the computer and of its GPUs; the same ones are left as they are."""
        if (tuple(points), tuple(on_gpus)) == (self._points, self._on_gpus):
            return
        self._points, self._on_gpus = tuple(points), tuple(on_gpus)
        self._show(self.gpus, any(point.gpus is not None for point in self._on_gpus))
        self._show(self.gpu_memory, any(point.memory_bytes is not None for point in self._on_gpus))
        self.restyle()

    def restyle(self) -> None:
        """Draw in the colours of the theme."""
        for plot in self._labels:
            plot.clear()
            plot.restyle()
        seconds = [point.seconds for point in self._points]
        self._draw(self.cores, 0, seconds, [point.cores for point in self._points])
        self._draw(self.memory, 1, seconds, [point.memory_bytes / _MEGABYTE for point in self._points])
        self._draw(self.disks, 2, seconds, [_megabytes(point.written_bytes) for point in self._points])
        self._draw(self.disks, 2, seconds, [_megabytes(point.read_bytes) for point in self._points], dashed=True)
        seconds = [point.seconds for point in self._on_gpus]
        busy = [float("nan") if point.gpus is None else point.gpus for point in self._on_gpus]
        self._draw(self.gpus, 3, seconds, busy)
        self._draw(self.gpu_memory, 4, seconds, [_megabytes(point.memory_bytes) for point in self._on_gpus])

    def _draw(
        self, plot: PlotCanvas, color: int, seconds: list[float], values: list[float], *, dashed: bool = False
    ) -> None:
        style = pg.QtCore.Qt.PenStyle.DashLine if dashed else pg.QtCore.Qt.PenStyle.SolidLine
        pen = pg.mkPen(line_color(color), width=LINE_WIDTH, style=style)
        plot.plot(np.array(seconds), np.array(values), pen=pen)


def _megabytes(count: int | None) -> float:
    return float("nan") if count is None else count / _MEGABYTE
