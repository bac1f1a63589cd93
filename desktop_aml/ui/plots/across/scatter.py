"""A scatter plot of runs: one column of a sheet against another, a point for each run.

Left and Right go from run to run in the order of the horizontal axis, Enter opens one. Imports numpy: load it after the
first paint only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.across.axes import Axis, Marks
from desktop_aml.ui.plots.across.layers import DRAWN_ONE_BY_ONE, Colors, accent
from desktop_aml.ui.plots.across.line_counts import Counts, shaded

_LEFT: Final = 64
_BOTTOM: Final = 44
_RADIUS: Final = 4.0
_DISC: Final = 2
_REACH: Final = 12.0
_TICK_WIDTH: Final = 72
_GRID_ALPHA: Final = 120
_LEAST: Final = QSize(280, 168)


class ScatterPlot(QWidget):
    """Draws the points; runs that are not chosen stand behind, faint."""

    hovered = Signal(object)
    """The number of the run under the pointer or at the keyboard, or None."""
    open_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.x_axis: Axis | None = None
        self.y_axis: Axis | None = None
        self.names: Sequence[str] = ()
        self.marked: int | None = None
        """The run that stands out."""
        self._chosen: Marks = np.ones(0, dtype=bool)
        self._color_of: Colors = accent
        self._points: QImage | None = None
        self._sharpness = 0
        self.setAccessibleName(self.tr("Scatter plot"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_LEAST)
        theme.changed.connect(self._forget)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size at which points can be told apart."""
        return QSize(640, 264)

    def show_axes(self, x: Axis | None, y: Axis | None, names: Sequence[str], color_of: Colors = accent) -> None:
        """Draw `y` against `x`; nothing while one of them is missing."""
        self.x_axis, self.y_axis, self.names, self._color_of = x, y, names, color_of
        if len(self._chosen) != len(names):
            self._chosen = np.ones(len(names), dtype=bool)
        self.mark(None)
        self._forget()

    def choose(self, chosen: Marks) -> None:
        """Let these runs stand before the others."""
        self._chosen = chosen
        self._forget()

    def mark(self, number: int | None) -> None:
        """Let one run stand out, or none."""
        self.marked = number
        words = ""
        if number is not None and self.x_axis is not None and self.y_axis is not None and number < len(self.names):
            parts = [self._words(axis, number) for axis in (self.x_axis, self.y_axis)]
            words = f"{self.names[number]}: {', '.join(parts)}"
        self.setAccessibleDescription(words)
        self.update()

    def _words(self, axis: Axis, number: int) -> str:
        place = float(axis.places[number])
        return f"{axis.title} {formats.NOTHING if place < 0 else axis.words_at(place)}"

    def set_sharpness(self, sharpness: int) -> None:
        """Draw so many pixels for one of the widget, for a picture; 0 as the screen needs."""
        self._sharpness = sharpness
        self._forget()

    def image(self) -> QImage:
        """Return a picture of the plot at twice its size."""
        from desktop_aml.ui.plots.export import picture

        return picture(self, self.set_sharpness)

    def _forget(self) -> None:
        self._points = None
        self.update()

    # Places.

    def _area(self) -> QRectF:
        top, right = theme.SPACE_M, theme.SPACE_L
        return QRectF(_LEFT, top, max(1, self.width() - _LEFT - right), max(1, self.height() - top - _BOTTOM))

    def spots(self) -> tuple[Floats, Floats]:
        """Return where the points of all runs lie, in pixels of the widget; NaN where a run has no place."""
        if self.x_axis is None or self.y_axis is None:
            return np.zeros(0), np.zeros(0)
        area, inner = self._area(), 2 * _RADIUS
        x, y = (np.where(axis.places < 0, np.nan, axis.places) for axis in (self.x_axis, self.y_axis))
        across = area.left() + inner + (area.width() - 2 * inner) * x
        return across, area.bottom() - inner - (area.height() - 2 * inner) * y

    def nearest(self, x: float, y: float) -> int | None:
        """Return the chosen run whose point is nearest, within reach."""
        across, down = self.spots()
        apart = np.hypot(across - x, down - y)
        apart[~self._chosen | np.isnan(apart)] = np.inf
        best = int(apart.argmin()) if len(apart) else -1
        return best if best >= 0 and apart[best] <= _REACH else None

    # Drawing.

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint axes, points and what stands out."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface"))
        if self.x_axis is not None and self.y_axis is not None:
            self._paint_axes(painter, self.x_axis, self.y_axis)
            self._paint_points(painter)
            self._paint_marked(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_axes(self, painter: QPainter, x: Axis, y: Axis) -> None:
        area, inner = self._area(), 2 * _RADIUS
        metrics = QFontMetricsF(theme.font("small"))
        height = metrics.height()
        grid = theme.color("border")
        grid.setAlpha(_GRID_ALPHA)
        painter.setFont(theme.font("small"))
        for place, words in y.ticks(int(area.height() / (2 * height))):
            at = area.bottom() - inner - (area.height() - 2 * inner) * place
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at))
            painter.setPen(theme.color("secondary"))
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, _LEFT - 2 * height)
            box = QRectF(height + 2, at - height / 2, _LEFT - height - 6, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown)
        for place, words in x.ticks(int(area.width() / _TICK_WIDTH)):
            at = area.left() + inner + (area.width() - 2 * inner) * place
            painter.setPen(grid)
            painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
            painter.setPen(theme.color("secondary"))
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, _TICK_WIDTH)
            box = QRectF(at - _TICK_WIDTH / 2, area.bottom() + 2, _TICK_WIDTH, height)
            box.moveLeft(min(box.left(), self.width() - _TICK_WIDTH / 2 - metrics.horizontalAdvance(shown) / 2))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        painter.setPen(theme.color("outline"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.setPen(theme.color("text"))
        title = QRectF(area.left(), self.height() - height - 2, area.width(), height)
        words = metrics.elidedText(x.title, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, words)
        painter.save()
        painter.rotate(-90)
        words = metrics.elidedText(y.title, Qt.TextElideMode.ElideMiddle, area.height())
        painter.drawText(QRectF(-area.bottom(), 2, area.height(), height), Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _paint_points(self, painter: QPainter) -> None:
        across, down = self.spots()
        if len(across) > DRAWN_ONE_BY_ONE:
            if self._points is None:
                self._points = self._counted(across, down)
            painter.drawImage(QPointF(0, 0), self._points)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for wanted in (False, True):
            for number in np.flatnonzero((self._chosen == wanted) & ~np.isnan(across + down)).tolist():
                color = self._color_of(number) if wanted else theme.color("border")
                painter.setPen(QPen(theme.color("surface"), 1))
                painter.setBrush(color)
                painter.drawEllipse(QPointF(across[number], down[number]), _RADIUS, _RADIUS)

    def _counted(self, across: Floats, down: Floats) -> QImage:
        """Return the points of very many runs: the more of them, the darker."""
        ratio = float(self._sharpness or self.devicePixelRatioF())
        size = round(self.width() * ratio), round(self.height() * ratio)
        image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        for role, wanted, shades in (("border", ~self._chosen, (0.4, 1.0)), ("accent", self._chosen, (0.3, 1.0))):
            known = wanted & ~np.isnan(across + down)
            counts = _counts(across[known] * ratio, down[known] * ratio, size, max(1, round(_DISC * ratio)))
            pixels = shaded(counts, theme.color(role), *shades)
            layer = QImage(pixels.data, *size, 4 * size[0], QImage.Format.Format_ARGB32_Premultiplied)
            painter.drawImage(0, 0, layer)
        painter.end()
        image.setDevicePixelRatio(ratio)
        return image

    def _paint_marked(self, painter: QPainter) -> None:
        across, down = self.spots()
        if self.marked is None or self.marked >= len(across) or np.isnan(across[self.marked] + down[self.marked]):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("text"), 2))
        painter.setBrush(self._color_of(self.marked))
        painter.drawEllipse(QPointF(across[self.marked], down[self.marked]), _RADIUS + 2, _RADIUS + 2)

    # Hands and keys.

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Look which run the pointer is on."""
        number = self.nearest(event.position().x(), event.position().y())
        if number != self.marked:
            self.mark(number)
            self.hovered.emit(number)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let go of the run that the pointer was on."""
        super().leaveEvent(event)
        if self.marked is not None and not self.hasFocus():
            self.mark(None)
            self.hovered.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the run."""
        number = self.nearest(event.position().x(), event.position().y())
        if number is not None:
            self.open_wanted.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go from run to run, open one, or let go."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self._step(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.marked is not None:
            self.open_wanted.emit(self.marked)
        elif event.key() == Qt.Key.Key_Escape and self.marked is not None:
            self.mark(None)
            self.hovered.emit(None)
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        across, down = self.spots()
        order = [number for number in np.argsort(across, kind="stable").tolist() if self._chosen[number]]
        order = [number for number in order if not np.isnan(across[number] + down[number])]
        if order:
            at = order.index(self.marked) + step if self.marked in order else (0 if step > 0 else len(order) - 1)
            self.mark(order[min(len(order) - 1, max(0, at))])
            self.hovered.emit(self.marked)


def _counts(across: Floats, down: Floats, size: tuple[int, int], radius: int) -> Counts:
    """Return how many discs cover each pixel, columns first."""
    width, height = size
    x, y = across.astype(np.intp), down.astype(np.intp)
    reach = range(-radius, radius + 1)
    found: Counts = np.zeros(width * height, dtype=np.int32)
    for right in reach:
        for below in reach:
            if right * right + below * below <= radius * radius + 1:
                at = np.clip(x + right, 0, width - 1) * height + np.clip(y + below, 0, height - 1)
                found += np.bincount(at, minlength=width * height).astype(np.int32)
    table: Counts = found.reshape(width, height)
    return table
