"""The drawing area that every plot has: axes, grid, zoom by a box, colours of the theme.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.look.colors import Rgb, readable
from desktop_aml.ui.plots.data import Floats
from desktop_aml.ui.plots.value_axis import ValueAxis, divided, power_of

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
        super().__init__(parent, axisItems={side: ValueAxis(side) for side in ("left", "bottom")})
        self.setMenuEnabled(False)
        self.hideButtons()
        self.getViewBox().setMouseMode(pg.ViewBox.RectMode)
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(False)
            self.getAxis(side).setStyle(tickFont=theme.font("small"), tickTextOffset=theme.SPACE_XS)
        self.note = QLabel(self)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setWordWrap(True)
        self.note.setProperty("role", "secondary")
        self.note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.note.hide()

    def show_note(self, words: str) -> None:
        """Say why nothing is drawn, in place of an axis of invented values; nothing for no words."""
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self.getAxis("left").setStyle(showValues=not words)

    def fit(self, values: Floats) -> None:
        """Let the scale of the vertical axis bear `values`: all that is drawn goes through `fitted` afterwards.

        Numbers near the ends of what a float holds are drawn divided by a power of ten, which the axis puts back.
        """
        axis, power = self.getAxis("left"), power_of(values)
        if power == axis.power:
            return
        change = power - axis.power
        axis.power, axis.picture = power, None
        if not self.getViewBox().autoRangeEnabled()[1]:
            # What was zoomed into stays in sight, where it can be told on the new scale at all.
            with np.errstate(over="ignore", under="ignore"):
                low, high = divided(np.array(self.getViewBox().viewRange()[1]), change)
            if np.isfinite((low, high)).all() and low < high:
                self.setYRange(low, high, padding=0)
        axis.update()

    def fitted(self, values: Floats) -> Floats:
        """Return values as they are drawn, see `fit`."""
        return divided(values, self.getAxis("left").power)

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

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the note over the whole plot."""
        super().resizeEvent(event)
        # pyqtgraph resizes itself while it is made.
        if hasattr(self, "note"):
            self.note.setGeometry(self.rect().adjusted(theme.SPACE_L, 0, -theme.SPACE_L, 0))

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
