"""The plots of a run in one or two columns. Plots are made and drawn only where they can be seen.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.metric_plot import MetricPlot

_TWO_COLUMNS_FROM: Final = 640


class PlotGrid(QWidget):
    """Lays plots out, tells them of axes and cursors, and spreads their making over time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: dict[str, MetricPlot] = {}
        self._stale: set[str] = set()
        self._columns = 0
        self._axis = "step"
        self._origin = 0.0
        self._is_log = False
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.SPACE_XL)
        self._layout.setVerticalSpacing(theme.SPACE_L)
        # One plot a turn: making one takes about two frames, and the window stays alive between them.
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._on_next_timeout)

    def show_curves(self, curves: dict[str, CurveData]) -> None:
        """Have one plot for each of `curves`, in their order."""
        for name in set(self.plots) - set(curves):
            self.plots.pop(name).deleteLater()
        is_new = False
        for name, curve in curves.items():
            known = self.plots.get(name)
            if known is None:
                is_new = True
                known = self.plots[name] = MetricPlot(curve, len(self.plots), self)
                known.hovered.connect(self._show_crosshair)
                known.seen.connect(self._next.start)
                known.set_axis(self._axis, self._origin)
                known.set_log(self._is_log)
            elif known.curve is not curve:
                known.curve = curve
                self._stale.add(name)
        if is_new or len(self.plots) != self._layout.count():
            self._place()
        self.draw_seen()

    def _place(self) -> None:
        columns = 2 if self.width() >= _TWO_COLUMNS_FROM else 1
        self._columns = columns
        for column in range(2):
            self._layout.setColumnStretch(column, 1 if column < columns else 0)
        for number, plot in enumerate(self.plots.values()):
            self._layout.addWidget(plot, number // columns, number % columns)

    def refresh(self, names: set[str]) -> None:
        """Draw again what can be seen of `names`; the rest is drawn when it comes into view."""
        self._stale |= names & set(self.plots)
        self.draw_seen()

    def draw_seen(self) -> None:
        """Draw what is seen and out of date, and make plots that are seen for the first time."""
        for name, plot in self.plots.items():
            if plot.visibleRegion().isEmpty():
                continue
            if plot.canvas is None:
                self._next.start()
            elif name in self._stale:
                plot.refresh()
                self._stale.discard(name)

    def _on_next_timeout(self) -> None:
        for name, plot in self.plots.items():
            if plot.canvas is None and not plot.visibleRegion().isEmpty():
                plot.build()
                self._stale.discard(name)
                self._next.start()
                return

    def set_axis(self, axis: str, origin: float) -> None:
        """Draw over ``"step"``, ``"time"`` or ``"index"``."""
        self._axis, self._origin = axis, origin
        for plot in self.plots.values():
            plot.set_axis(axis, origin)

    def set_log(self, is_log: bool) -> None:
        """Draw on a logarithmic scale."""
        self._is_log = is_log
        for plot in self.plots.values():
            plot.set_log(is_log)

    def reset_zoom(self) -> None:
        """Show everything in every plot."""
        for plot in self.plots.values():
            plot.reset_zoom()

    def _show_crosshair(self, x: float | None) -> None:
        for plot in self.plots.values():
            if not plot.visibleRegion().isEmpty():
                plot.show_crosshair(x)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Change between one and two columns."""
        super().resizeEvent(event)
        if self._columns != (2 if self.width() >= _TWO_COLUMNS_FROM else 1):
            self._place()
        QTimer.singleShot(0, self, self.draw_seen)
