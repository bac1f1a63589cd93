"""A small curve of the last minutes: what it shows now stands above it, its highest value beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_aml.ui.look import formats, theme

_HEIGHT: Final = 88
_LINE: Final = 1.5
_DOT: Final = 4.0

Values = Sequence[float | None]
"""One a span, oldest first; None where nothing was answered."""


class UseCurve(QWidget):
    """Draws one or two lines on one scale that begins at zero.

    Parameters
    ----------
    roles : sequence of str
        Colour roles of the lines.
    """

    def __init__(self, title: str, unit: str, roles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._unit, self._roles = title, unit, tuple(roles)
        self._lines: tuple[Values, ...] = ()
        self.words = ""
        self.setAccessibleName(title)
        self.setFont(theme.font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_values(self, words: str, lines: Sequence[Values]) -> None:
        """Show lines, and say in words what they come to."""
        if (words, tuple(lines)) != (self.words, self._lines):
            self.words, self._lines = words, tuple(lines)
            self.setAccessibleDescription(words)
            self.setToolTip(words)
            self.update()

    def highest(self) -> float:
        """Return the value at the upper edge."""
        return max((value for line in self._lines for value in line if value is not None), default=0.0)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Low: two of them stand over the requests."""
        return QSize(240, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw title, words, scale and lines."""
        painter = QPainter(self)
        metrics, whole = self.fontMetrics(), self.rect()
        line = metrics.height()
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(0, 0, whole.width(), line), Qt.AlignmentFlag.AlignLeft, self._title)
        room = whole.width() - metrics.horizontalAdvance(self._title) - theme.SPACE_M
        painter.setPen(theme.color("secondary"))
        words = metrics.elidedText(self.words, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(QRectF(0, 0, whole.width(), line), Qt.AlignmentFlag.AlignRight, words)
        area = QRectF(0, line + theme.SPACE_XS, whole.width(), whole.height() - 2 * line - 2 * theme.SPACE_XS)
        painter.setPen(QPen(theme.color("border"), 1))
        for height in (area.top(), area.bottom()):
            painter.drawLine(QPointF(area.left(), height), QPointF(area.right(), height))
        top = self.highest()
        painter.setPen(theme.color("secondary"))
        foot = QRectF(0, whole.height() - line, whole.width(), line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, self.tr("5 min ago"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, self.tr("now"))
        if top > 0:
            scale = self.tr("max {0}").format(f"{formats.number4(top)}{self._unit}")
            beside = max(map(metrics.horizontalAdvance, (self.tr("5 min ago"), self.tr("now"))))
            if metrics.horizontalAdvance(scale) + 2 * (beside + theme.SPACE_S) <= whole.width():
                painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter, scale)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for values, role in zip(self._lines, self._roles, strict=True):
                self._draw(painter, area, values, role, top)

    @staticmethod
    def _draw(painter: QPainter, area: QRectF, values: Values, role: str, top: float) -> None:
        pen = QPen(theme.color(role), _LINE, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        step = area.width() / max(1, len(values) - 1)
        part: list[QPointF] = []
        for number, value in enumerate((*values, None)):
            if value is not None:
                part.append(QPointF(area.left() + number * step, area.bottom() - value / top * area.height()))
                continue
            if len(part) == 1:
                # A span between two in which nothing was answered: a point, else it would not be seen.
                painter.setPen(QPen(theme.color(role), _DOT, c=Qt.PenCapStyle.RoundCap))
                painter.drawPoint(part[0])
                painter.setPen(pen)
            elif part:
                painter.drawPolyline(part)
            part = []
