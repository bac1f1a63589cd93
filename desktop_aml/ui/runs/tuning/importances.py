"""How much of the differences between trials each argument explains: bars, worked out by Optuna when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_aml.ui.look import theme

_BAR: Final = 12
_TOP: Final = theme.SPACE_S


class ImportanceBars(QWidget):
    """A bar for each argument, the most important one first, or words in their place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: tuple[tuple[str, float], ...] = ()
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Importance of each argument"))
        theme.changed.connect(self.update)

    def show_shares(self, shares: Sequence[tuple[str, float]], words: str = "") -> None:
        """Show shares of 1, or words where there are none."""
        self.shares, self.words = tuple(shares), words
        told = "; ".join(f"{name.lstrip('-')} {share:.0%}" for name, share in shares)
        self.setAccessibleDescription(told or words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the room that all bars take."""
        return QSize(320, _TOP + theme.ROW_HEIGHT * (len(self.shares) + 1))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same height: bars that are cut off say nothing."""
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Draw names at the left, bars in the middle, shares at their ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("body"))
        if not self.shares:
            painter.setPen(theme.color("secondary"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
            return
        metrics = painter.fontMetrics()
        names = [name.lstrip("-") for name, _ in self.shares]
        left = min(self.width() / 3, max(map(metrics.horizontalAdvance, names)) + theme.SPACE_M)
        room = self.width() - left - metrics.horizontalAdvance("100 %") - theme.SPACE_M
        for row, (name, (_, share)) in enumerate(zip(names, self.shares, strict=True)):
            top = _TOP + row * theme.ROW_HEIGHT
            middle = top + (theme.ROW_HEIGHT - _BAR) / 2
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(left - theme.SPACE_M))
            centre = Qt.AlignmentFlag.AlignVCenter
            painter.setPen(theme.color("text"))
            painter.drawText(QRectF(0, top, left, theme.ROW_HEIGHT), centre, shown)
            bar = QRectF(left, middle, max(1.0, room * share), _BAR)
            painter.fillRect(bar, theme.color("accent"))
            words = QRectF(bar.right() + theme.SPACE_S, top, self.width(), theme.ROW_HEIGHT)
            painter.drawText(words, centre, f"{share:.0%}".replace("%", " %"))
