"""The drawing area that every plot has: axes, grid, zoom by a box, colours of the theme.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QWidget

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.colors import Rgb, readable
from desktop_aml.ui.plots.value_axis import ValueAxis, divided, power_of

_MIN_LINE_CONTRAST: Final = 3.0
_GRID_ALPHA: Final = 0.25
_CHOSEN_ALPHA: Final = 0.16
LINE_WIDTH: Final = 2
"""Of every line, in pixels that do not depend on the screen."""

_LEAST_DRAG: Final = 6
"""A shorter way in pixels was no drag."""

_TOLD_APART: Final = 1e-10
"""Of the greatest value: an axis over less than that has the same words at each of its ticks."""

_WHEEL_STEP: Final = 1.25
_WHEEL_NOTCH: Final = 120


def line_color(index: int) -> QColor:
    """Return the colour of a series, lighter or darker where the surface would swallow it (WCAG 2.2, 1.4.11)."""
    wanted, surface = theme.series_color(index), theme.color("surface")
    return QColor(*readable(_rgb(wanted), _rgb(surface), _MIN_LINE_CONTRAST))


def _rgb(color: QColor) -> Rgb:
    return color.red(), color.green(), color.blue()


class _Box(pg.ViewBox):  # type: ignore[misc]
    """The inner part of a plot: dragging shows what was enclosed, with Shift it moves what is shown."""

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:  # noqa: N802
        """Zoom into what was dragged over, or move."""
        button = ev.button()
        if button == Qt.MouseButton.RightButton:
            ev.ignore()
            return
        if ev.isStart():
            has_shift = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            is_moving = button == Qt.MouseButton.MiddleButton or has_shift
            self.setMouseMode(pg.ViewBox.PanMode if is_moving else pg.ViewBox.RectMode)
        if self.state["mouseMode"] == pg.ViewBox.PanMode or not ev.isFinish():
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        self.rbScaleBox.hide()
        start, end = QPointF(ev.buttonDownPos(button)), QPointF(ev.pos())
        chosen = self.childGroup.mapRectFromParent(QRectF(start, end)).normalized()
        if abs(end.x() - start.x()) < _LEAST_DRAG:
            return
        if abs(end.y() - start.y()) < _LEAST_DRAG:
            # A stroke along the axis means its part of the axis, and all that is there.
            self.show_part(chosen.left(), chosen.right())
        else:
            self.setRange(chosen, padding=0)
        self.sigRangeChangedManually.emit([True, True])

    def childrenBounds(self, *args: Any, **more: Any) -> list[list[float] | None]:  # noqa: N802
        """Return the room of all that is drawn; values that are as good as equal stand in the middle of some."""
        bounds: list[list[float] | None] = super().childrenBounds(*args, **more)
        if bounds[1] is not None:
            low, high = bounds[1]
            most = max(abs(low), abs(high))
            if most > 0 and high - low < most * _TOLD_APART and (high != low or most > 1 / _TOLD_APART):
                bounds[1] = [low - most / 10, high + most / 10]
        return bounds

    def show_part(self, left: float, right: float) -> None:
        """Show a part of the horizontal axis, and all that lies there."""
        self.setXRange(left, right, padding=0)
        self.setAutoVisible(y=True)
        self.enableAutoRange(axis="y")

    def show_all(self) -> None:
        """Show everything, and keep showing it as it grows."""
        self.setAutoVisible(y=False)
        self.enableAutoRange()

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Shorten what is shown of the horizontal axis by `factor`, around `at` or the middle."""
        left, right = self.viewRange()[0]
        middle = (left + right) / 2 if at is None else at
        self.show_part(middle - (middle - left) / factor, middle + (right - middle) / factor)
        self.sigRangeChangedManually.emit([True, False])

    def keyPressEvent(self, ev: Any) -> None:  # noqa: N802
        """Leave the keys to the plot's owner."""
        ev.ignore()


class PlotCanvas(pg.PlotWidget):  # type: ignore[misc]
    """A plot that leaves the wheel to the page unless it has the focus or Ctrl is held; its owner calls `restyle`."""

    sharpness: int = 0
    """Pixels of a picture that is drawn for one of the widget; 0 for the screen."""

    left = Signal()
    all_wanted = Signal()
    """Double click: everything should be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            parent, viewBox=_Box(enableMenu=False), axisItems={side: ValueAxis(side) for side in ("left", "bottom")}
        )
        self.box: _Box = self.getViewBox()
        self.setMenuEnabled(False)
        self.hideButtons()
        self.box.setMouseMode(pg.ViewBox.RectMode)
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

    def line_width(self) -> float:
        """Return the width of a line: pyqtgraph's pens count pixels of the screen, or of a picture that is saved."""
        return LINE_WIDTH * (self.sharpness or float(self.devicePixelRatioF()))

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
        if not self.box.autoRangeEnabled()[1]:
            # What was zoomed into stays in sight, where it can be told on the new scale at all.
            with np.errstate(over="ignore", under="ignore"):
                low, high = divided(np.array(self.box.viewRange()[1]), change)
            if np.isfinite((low, high)).all() and low < high:
                self.setYRange(low, high, padding=0)
        axis.update()

    def fitted(self, values: Floats) -> Floats:
        """Return values as they are drawn, see `fit`."""
        return divided(values, self.getAxis("left").power)

    def restyle(self) -> None:
        """Put on the colours of the theme."""
        self.setBackground(theme.color("surface"))
        chosen = theme.color("accent")
        chosen.setAlphaF(_CHOSEN_ALPHA)
        self.box.rbScaleBox.setPen(pg.mkPen(theme.color("accent"), width=1))
        self.box.rbScaleBox.setBrush(chosen)
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
        """Zoom where the pointer is, else let the page scroll."""
        is_wanted = self.hasFocus() or event.modifiers() & Qt.KeyboardModifier.ControlModifier
        turned = event.angleDelta().y() or event.angleDelta().x()
        if not is_wanted or not turned:
            event.ignore()
            return
        at = self.box.mapSceneToView(self.mapToScene(event.position().toPoint())).x()
        self.box.zoom(_WHEEL_STEP ** (turned / _WHEEL_NOTCH), at)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take every press: what is not taken would go on to what lies around the plot."""
        super().mousePressEvent(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take what belongs to a press."""
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask for everything to be shown."""
        self.all_wanted.emit()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tell that the pointer is gone."""
        super().leaveEvent(event)
        self.left.emit()
