"""What a run used of the computer, drawn over its time: cores, memory, disks, GPUs.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

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
        self._titles = {
            "cores": self.tr("CPU, cores"),
            "memory": self.tr("Memory, MB"),
            "disks": self.tr("Disks, MB written and read (dashed)"),
            "gpus": self.tr("GPUs, how many were busy"),
            "gpu_memory": self.tr("GPU memory, MB"),
        }
        self.plots: dict[str, PlotCanvas] = {}
        """Those that were made, by their names."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        self._places = {name: QVBoxLayout() for name in self._titles}
        for place in self._places.values():
            place.setSpacing(theme.SPACE_S)
            layout.addLayout(place)
        layout.addStretch(1)

    def steps_to(self, points: Sequence[UsePoint], on_gpus: Sequence[GpuPoint] = ()) -> list[Callable[[], object]]:
        """Return what shows the curves of the computer and of its GPUs: a plot a step, as each takes a while to make.

        The same curves are left as they are.
        """
        if (tuple(points), tuple(on_gpus)) == (self._points, self._on_gpus):
            return []
        self._points, self._on_gpus = tuple(points), tuple(on_gpus)
        shown = ["cores", "memory", "disks"]
        shown += ["gpus"] if any(point.gpus is not None for point in self._on_gpus) else []
        shown += ["gpu_memory"] if any(point.memory_bytes is not None for point in self._on_gpus) else []
        return [partial(self._show, name) for name in shown]

    def _show(self, name: str) -> None:
        if name not in self.plots:
            self._make(name)
        self._restyle(name)

    def _make(self, name: str) -> None:
        title = self._titles[name]
        plot = self.plots[name] = PlotCanvas(self)
        plot.setFixedHeight(_HEIGHT)
        plot.setLabel("bottom", self.tr("seconds"))
        plot.setAccessibleName(title)
        plot.all_wanted.connect(plot.box.show_all)
        self._places[name].addWidget(SecondaryLabel(title, self, small=True))
        self._places[name].addWidget(plot)

    def restyle(self) -> None:
        """Draw in the colours of the theme."""
        for name in self.plots:
            self._restyle(name)

    def _restyle(self, name: str) -> None:
        plot = self.plots[name]
        plot.clear()
        plot.restyle()
        of_gpus = name.startswith("gpu")
        seconds = [point.seconds for point in (self._on_gpus if of_gpus else self._points)]
        if name == "cores":
            self._draw(plot, 0, seconds, [point.cores for point in self._points])
        elif name == "memory":
            self._draw(plot, 1, seconds, [point.memory_bytes / _MEGABYTE for point in self._points])
        elif name == "disks":
            self._draw(plot, 2, seconds, [_megabytes(point.written_bytes) for point in self._points])
            self._draw(plot, 2, seconds, [_megabytes(point.read_bytes) for point in self._points], dashed=True)
        elif name == "gpus":
            busy = [float("nan") if point.gpus is None else point.gpus for point in self._on_gpus]
            self._draw(plot, 3, seconds, busy)
        else:
            self._draw(plot, 4, seconds, [_megabytes(point.memory_bytes) for point in self._on_gpus])

    def _draw(
        self, plot: PlotCanvas, color: int, seconds: list[float], values: list[float], *, dashed: bool = False
    ) -> None:
        style = pg.QtCore.Qt.PenStyle.DashLine if dashed else pg.QtCore.Qt.PenStyle.SolidLine
        pen = pg.mkPen(line_color(color), width=LINE_WIDTH, style=style)
        plot.plot(np.array(seconds), np.array(values), pen=pen)


def _megabytes(count: int | None) -> float:
    return float("nan") if count is None else count / _MEGABYTE
