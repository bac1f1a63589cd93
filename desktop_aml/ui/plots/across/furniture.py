"""What stands over the lines of parallel coordinates: axes with their words, spans, and the run that stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.across.axes import MISSING, Axis
from desktop_aml.ui.plots.across.places import Places

_TICK: Final = 4
_SPAN_WIDTH: Final = 12
_BEHIND_WORDS: Final = 215
"""How much of the lines the ground of a word hides, of 255: on them alone it could not be read."""

_SPAN_ALPHA: Final = 70
_MARKED: Final = 3


class Furniture:
    """Paints with one painter, for one state of the plot."""

    def __init__(
        self, painter: QPainter, axes: Sequence[Axis], places: Places, spans: Mapping[str, tuple[float, float]]
    ) -> None:
        self._painter, self._axes, self._places, self._spans = painter, axes, places, spans
        self._metrics = QFontMetricsF(theme.font("small"))

    def paint(self, current: int | None) -> None:
        """Paint all axes; `current` is the one that the keys work on."""
        for number, axis in enumerate(self._axes):
            self._paint_axis(number, axis)
            self._paint_title(number, axis, is_current=number == current)
            if axis.key in self._spans:
                self._paint_span(number, self._spans[axis.key])

    def _paint_axis(self, number: int, axis: Axis) -> None:
        painter, places = self._painter, self._places
        x, height = places.x(number), self._metrics.height()
        painter.setPen(QPen(theme.color("outline"), 1))
        painter.drawLine(QPointF(x + 0.5, places.y(0)), QPointF(x + 0.5, places.y(1)))
        painter.setFont(theme.font("small"))
        most = int((places.y(0) - places.y(1)) / (height * 1.8))
        room = places.gap() - 2 * _TICK - theme.SPACE_S
        if number == len(self._axes) - 1:
            room = places.width - x - 2 * _TICK
        ticks = [*axis.ticks(most)]
        if axis.has_missing():
            ticks.append((MISSING, formats.NOTHING))
        for place, words in ticks:
            y = places.y(place)
            painter.setPen(QPen(theme.color("outline"), 1))
            painter.drawLine(QPointF(x - _TICK / 2, y), QPointF(x + _TICK, y))
            shown = self._metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room)
            box = QRectF(x + _TICK + 2, y - height / 2, self._metrics.horizontalAdvance(shown) + 4, height)
            box.moveTop(min(box.top(), places.height - height))
            ground = theme.color("surface")
            ground.setAlpha(_BEHIND_WORDS)
            painter.fillRect(box, ground)
            painter.setPen(theme.color("secondary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_title(self, number: int, axis: Axis, *, is_current: bool, at: QRectF | None = None) -> None:
        painter, room = self._painter, at or self._places.title(number)
        font = theme.font("strong")
        words = QFontMetricsF(font).elidedText(axis.title, Qt.TextElideMode.ElideMiddle, room.width())
        # Over its axis, also at the edge, where the room to both sides is not the same.
        width = min(room.width(), QFontMetricsF(font).horizontalAdvance(words) + 2)
        x = self._places.x(number) if at is None else at.center().x()
        left = min(max(x - width / 2, room.left()), room.right() - width)
        painter.setFont(font)
        painter.setPen(theme.color("accent" if is_current else "text"))
        painter.drawText(QRectF(left, room.top(), width, room.height()), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_span(self, number: int, span: tuple[float, float]) -> None:
        x, top, bottom = self._places.x(number) + 0.5, self._places.y(span[1]), self._places.y(span[0])
        inside = theme.color("accent")
        inside.setAlpha(_SPAN_ALPHA)
        self._painter.setPen(QPen(theme.color("accent"), 1.5))
        self._painter.setBrush(inside)
        self._painter.drawRoundedRect(QRectF(x - _SPAN_WIDTH / 2, top, _SPAN_WIDTH, max(2.0, bottom - top)), 3, 3)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def paint_marked(self, line: Sequence[QPointF], color: QColor) -> None:
        """Let the line of a run stand out."""
        for width, one in ((_MARKED + 3, theme.color("surface")), (_MARKED, color)):
            self._painter.setPen(QPen(one, width))
            self._painter.drawPolyline(list(line))

    def paint_moved(self, number: int, x: float) -> None:
        """Paint the title that a hand holds, and where its axis would stand."""
        places, color = self._places, theme.color("accent")
        self._painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
        self._painter.drawLine(QPointF(x, places.top()), QPointF(x, places.y(0)))
        room = places.title(number)
        room.moveLeft(x - room.width() / 2)
        self._painter.fillRect(room, theme.color("raised"))
        self._paint_title(number, self._axes[number], is_current=True, at=room)
