"""What a whole window shows while a file is dragged over it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.drop import Drop, DropTarget


class DropOverlay(QWidget):
    """Covers a window while a file is dragged over it, and names what letting go will do."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drop: Drop | None = None
        self._target = DropTarget(window)
        self._target.hovered.connect(self._on_target_hovered)
        self.dropped = self._target.dropped
        self.hide()

    def _on_target_hovered(self, drop: Drop | None) -> None:
        self._drop = drop
        self.setVisible(drop is not None)
        if drop is not None:
            self.setGeometry(self._window.rect())
            self.raise_()
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Dim the window a little, frame it, and write the words in a card in the middle."""
        if self._drop is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dim = theme.color("window")
        dim.setAlpha(170)
        painter.fillRect(self.rect(), dim)
        role = "accent" if self._drop.is_accepted else "failed"
        painter.setPen(QPen(theme.color(role), 2))
        frame = QRectF(self.rect()).adjusted(5, 5, -5, -5)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        self._paint_card(painter, self._drop)

    def _paint_card(self, painter: QPainter, drop: Drop) -> None:
        below = drop.path.name if drop.is_accepted else drop.reason
        card = QRectF(0, 0, min(420.0, self.width() - 32.0), 104.0)
        card.moveCenter(QRectF(self.rect()).center())
        painter.setBrush(theme.color("raised"))
        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawRoundedRect(card, theme.RADIUS, theme.RADIUS)
        inside = card.adjusted(theme.SPACE_L, theme.SPACE_L, -theme.SPACE_L, -theme.SPACE_L)
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color("text" if drop.is_accepted else "failed"))
        top = QRectF(inside.left(), inside.top(), inside.width(), inside.height() / 2)
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, drop.verb)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("secondary"))
        rest = QRectF(inside.left(), top.bottom(), inside.width(), inside.height() / 2)
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignCenter) | Qt.TextFlag.TextWordWrap, below)
