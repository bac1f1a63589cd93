"""The drawing area that every plot has: axes, grid, zoom by a box, colours of the theme.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from desktop_aml.ui import theme
from desktop_aml.ui.colors import Rgb, readable

_LEFT_AXIS_WIDTH: Final = 56
_MIN_LINE_CONTRAST: Final = 4.0
_GRID_ALPHA: Final = 0.25


def line_color(index: int) -> QColor:
    """Return the colour of a series, lighter or darker where the surface would swallow it (WCAG 2.2, 1.4.11)."""
    wanted, surface = theme.series_color(index), theme.color("surface")
    return QColor(*readable(_rgb(wanted), _rgb(surface), _MIN_LINE_CONTRAST))


def _rgb(color: QColor) -> Rgb:
    return color.red(), color.green(), color.blue()


class PlotCanvas(pg.PlotWidget):  # type: ignore[misc]
    """A plot that leaves the wheel to the page unless Ctrl is held; its owner calls `restyle` for another theme."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.getViewBox().setMouseMode(pg.ViewBox.RectMode)
        self.getAxis("left").setWidth(_LEFT_AXIS_WIDTH)
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(False)
            self.getAxis(side).setStyle(tickFont=theme.font("small"), tickTextOffset=theme.SPACE_XS)

    def restyle(self) -> None:
        """Put on the colours of the theme."""
        self.setBackground(theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(theme.color("border")))
            axis.setTextPen(pg.mkPen(theme.color("secondary")))
            axis.labelStyle = {"color": theme.tokens().secondary, "font-size": f"{theme.font('small').pointSizeF()}pt"}
            axis.setLabel(axis.labelText)
        self.showGrid(x=True, y=True, alpha=_GRID_ALPHA)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom with Ctrl, else let the page scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tell that the pointer is gone."""
        super().leaveEvent(event)
        self.left.emit()
