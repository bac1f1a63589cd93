"""Parallel coordinates: an axis for each argument and metric, a line for each run, and spans that choose among them.

Drag along an axis to choose a part of it, drag a title to move its axis. With the keyboard: Left and Right go from axis
to axis, Up and Down move what is chosen on it, with Shift its upper and with Ctrl its lower end, Ctrl+Left and
Ctrl+Right move the axis, Delete lets go of it, Escape of all. Imports numpy: load it after the first paint only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.across.axes import Axis, Marks, brushed
from desktop_aml.ui.plots.across.brushing import Brushing, moved
from desktop_aml.ui.plots.across.furniture import Furniture
from desktop_aml.ui.plots.across.layers import Colors, Layers, accent
from desktop_aml.ui.plots.across.places import Places

_REACH: Final = 6.0
_LEAST: Final = QSize(320, 184)
_GRIPS: Final = {
    Qt.KeyboardModifier.NoModifier: "middle",
    Qt.KeyboardModifier.ShiftModifier: "high",
    Qt.KeyboardModifier.ControlModifier: "low",
}


class ParallelCoordinates(QWidget):
    """Draws runs over axes; see the module for hands and keys."""

    brushed = Signal(object)
    """Which runs are chosen: an array of bool, one for each run."""
    order_changed = Signal(object)
    """The keys of the axes in their new order, a tuple of str."""
    hovered = Signal(object)
    """The number of the run under the pointer, or None."""
    open_wanted = Signal(int)
    """The number of the run that was double-clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axes: tuple[Axis, ...] = ()
        self.names: Sequence[str] = ()
        self.brushing = Brushing()
        self.current = 0
        """The axis that the keys work on."""
        self.chosen: Marks = np.ones(0, dtype=bool)
        self._color_of: Colors = accent
        self._layers: Layers | None = None
        self._hovered: int | None = None
        self._title: int | None = None
        self._title_x = 0.0
        self._sharpness = 0
        self.setAccessibleName(self.tr("Parallel coordinates"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_LEAST)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        theme.changed.connect(self._forget)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size at which ten axes can be read."""
        return QSize(960, 320)

    def show_axes(self, axes: Sequence[Axis], names: Sequence[str], color_of: Colors = accent) -> None:
        """Draw runs over `axes`, from the left.

        Parameters
        ----------
        names : sequence of str
            Of the runs, as many as each axis has places.
        color_of : callable
            Gives the colour of a run by its number; it is used where runs are few enough to be told apart.
        """
        self.axes, self.names, self._color_of = tuple(axes), names, color_of
        self.current = min(self.current, max(0, len(self.axes) - 1))
        self.brushing.keep(self.axes)
        self._set_hovered(None)
        self._forget()
        self._choose()

    def set_spans(self, spans: dict[str, tuple[float, float]]) -> None:
        """Choose parts of axes, by their keys."""
        self.brushing.spans = dict(spans)
        self.brushing.keep(self.axes)
        self._choose()

    def clear(self) -> None:
        """Choose all runs again."""
        if self.brushing.clear():
            self._choose()

    def mark(self, number: int | None) -> None:
        """Let the line of a run stand out, or of none."""
        if number != self._hovered:
            self._hovered = number
            self.update()

    def set_sharpness(self, sharpness: int) -> None:
        """Draw so many pixels for one of the widget, for a picture; 0 as the screen needs."""
        self._sharpness = sharpness
        self._forget()

    def image(self) -> QImage:
        """Return a picture of the plot at twice its size."""
        from desktop_aml.ui.plots.export import picture

        return picture(self, self.set_sharpness)

    # State.

    def _choose(self) -> None:
        self.chosen = brushed(self.axes, self.brushing.spans, len(self.names))
        self._describe()
        self.update()
        self.brushed.emit(self.chosen)

    def _describe(self) -> None:
        words = [
            self.tr("{0} of {1} runs").format(formats.count(int(self.chosen.sum())), formats.count(len(self.names)))
        ]
        if self.axes:
            axis = self.axes[self.current]
            place = self.tr("axis {0} of {1}: {2}").format(self.current + 1, len(self.axes), axis.title)
            words = [place, self.span_words(axis), *words]
        self.setAccessibleDescription("; ".join(word for word in words if word))

    def span_words(self, axis: Axis) -> str:
        """Return what is chosen on an axis, in words; nothing for all of it."""
        span = self.brushing.spans.get(axis.key)
        if span is None:
            return ""
        low, high = axis.words_at(span[0]), axis.words_at(span[1])
        return self.tr("{0} to {1}").format(low, high) if low != high else low

    def places(self) -> Places:
        """Return where everything lies."""
        has_missing = any(axis.has_missing() for axis in self.axes)
        return Places(self.width(), self.height(), len(self.axes), has_missing)

    def _forget(self) -> None:
        self._layers = None
        self.update()

    def _drawn(self) -> Layers:
        if self._layers is None:
            ratio = float(self._sharpness or self.devicePixelRatioF())
            self._layers = Layers(self.axes, self.places(), ratio, self._color_of)
        return self._layers

    def _set_hovered(self, number: int | None) -> None:
        if number != self._hovered:
            self.mark(number)
            self.hovered.emit(number)

    # Drawing.

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Draw anew."""
        super().resizeEvent(event)
        self._layers = None

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the lines, what is chosen of them, and the axes over them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface"))
        layers, is_all = self._drawn(), bool(self.chosen.all())
        if len(self.axes) > 1:
            if painter.paintEngine().type() is QPaintEngine.Type.SVG:
                if not is_all:
                    layers.paint_lines(painter, ~self.chosen, is_faint=True)
                layers.paint_lines(painter, self.chosen, is_faint=False)
            else:
                if not is_all:
                    painter.drawPixmap(0, 0, layers.faint())
                painter.drawPixmap(0, 0, layers.strong(self.chosen))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        furniture = Furniture(painter, self.axes, self.places(), self.brushing.spans)
        furniture.paint(self.current if self.hasFocus() else None)
        if self._hovered is not None and self._hovered < len(layers.heights) and len(self.axes) > 1:
            furniture.paint_marked(layers.line(self._hovered), self._color_of(self._hovered))
        if self._title is not None:
            furniture.paint_moved(self._title, self._title_x)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    # Hands.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a span, take hold of one, or of the title of an axis."""
        x, y, places = event.position().x(), event.position().y(), self.places()
        if event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        title = next((n for n in range(len(self.axes)) if places.title(n).contains(x, y)), None)
        if title is not None:
            self.current, self._title, self._title_x = title, title, x
        elif (number := places.axis_at(x)) is not None:
            axis = self.axes[number]
            self.current = number
            self.brushing.begin(axis, places.grip_of(self.brushing.spans.get(axis.key), y), places.place(y))
        self._describe()
        self.update()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Lead a span, a title, or look which line the pointer is on."""
        x, y, places = event.position().x(), event.position().y(), self.places()
        if self.brushing.is_drawing():
            self.brushing.move(places.place(y))
            self._choose()
        elif self._title is not None:
            self._title_x = x
            self.update()
        else:
            self._set_hovered(self._drawn().nearest(x, y, self.chosen, _REACH) if self.axes else None)
            self._show_cursor(x, y, places)
        event.accept()

    def _show_cursor(self, x: float, y: float, places: Places) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if any(places.title(number).contains(x, y) for number in range(len(self.axes))):
            shape = Qt.CursorShape.SizeHorCursor
        elif (number := places.axis_at(x)) is not None and y >= places.top():
            grip = places.grip_of(self.brushing.spans.get(self.axes[number].key), y)
            shape = {"middle": Qt.CursorShape.SizeAllCursor, "": Qt.CursorShape.CrossCursor}.get(
                grip, Qt.CursorShape.SizeVerCursor
            )
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End what was begun."""
        if self.brushing.is_drawing():
            self.brushing.end(self.places().place(event.position().y()))
            self._choose()
        elif self._title is not None:
            number, self._title = self._title, None
            places = self.places()
            nearest = min(range(len(self.axes)), key=lambda one: abs(places.x(one) - event.position().x()))
            if nearest != number:
                self._move_axis(number, nearest)
            self.update()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the run whose line was met."""
        if self._hovered is not None and self.places().axis_at(event.position().x()) is None:
            self.open_wanted.emit(self._hovered)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let the line go that the pointer was on."""
        super().leaveEvent(event)
        self._set_hovered(None)

    def event(self, event: QEvent) -> bool:
        """Say a title that has no room, and what the keys do here stays with this plot."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            places, at = self.places(), event.pos()
            found = [n for n in range(len(self.axes)) if places.title(n).contains(float(at.x()), float(at.y()))]
            QToolTip.showText(event.globalPos(), self.axes[found[0]].title if found else "", self)
            return True
        return super().event(event)

    def _move_axis(self, number: int, to: int) -> None:
        keys = moved([axis.key for axis in self.axes], self.axes[number].key, to)
        by_key = {axis.key: axis for axis in self.axes}
        self.axes = tuple(by_key[key] for key in keys)
        self.current = min(len(self.axes) - 1, max(0, to))
        self._forget()
        self._describe()
        self.order_changed.emit(keys)

    # Keys.

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Do without a mouse all that it does."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        lift = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        has_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not self.axes:
            super().keyPressEvent(event)
        elif step is not None and has_ctrl:
            if 0 <= self.current + step < len(self.axes):
                self._move_axis(self.current, self.current + step)
        elif step is not None:
            self.current = min(len(self.axes) - 1, max(0, self.current + step))
            self._describe()
            self.update()
        elif lift is not None:
            plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            self.brushing.nudge(self.axes[self.current], _GRIPS.get(plain, "middle"), lift)
            self._choose()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.brushing.clear(self.axes[self.current].key)
            self._choose()
        elif event.key() == Qt.Key.Key_Escape and self.brushing.is_drawing():
            self.brushing.give_up()
            self._choose()
        elif event.key() == Qt.Key.Key_Escape and self.brushing.spans:
            self.clear()
        else:
            super().keyPressEvent(event)
