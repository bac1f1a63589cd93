"""Names of the lines of a chart beside their colours, in as many lines as the width needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_aml.ui.look import theme

_SWATCH: Final = 16


class ChartLegend(QWidget):
    """Painted names; no height at all while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[tuple[str, QColor]] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFont(theme.font("small"))
        self.hide()

    def show_entries(self, entries: Sequence[tuple[str, QColor]]) -> None:
        """Show names with their colours."""
        self._entries = entries
        self.setVisible(bool(entries))
        self.setAccessibleName(", ".join(name for name, _ in entries))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Lines are broken to the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of the lines that `width` makes."""
        last = None
        for place, _, _ in self._places(width):
            last = place
        return 0 if last is None else last.bottom() + 1

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line."""
        return QSize(_SWATCH * 4, self._line_height())

    def _line_height(self) -> int:
        return self.fontMetrics().height() + theme.SPACE_XS

    def _places(self, width: int) -> Iterator[tuple[QRect, str, QColor]]:
        metrics, height = self.fontMetrics(), self._line_height()
        x = y = 0
        for name, color in self._entries:
            most = max(_SWATCH * 2, width)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, most - _SWATCH - theme.SPACE_XS)
            needed = _SWATCH + theme.SPACE_XS + metrics.horizontalAdvance(text)
            if x and x + needed > width:
                x, y = 0, y + height
            yield QRect(x, y, needed, height), text, color
            x += needed + theme.SPACE_M

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint swatches and names."""
        painter = QPainter(self)
        for place, text, color in self._places(self.width()):
            middle = place.y() + place.height() // 2
            painter.fillRect(QRect(place.x(), middle - 1, _SWATCH, 2), color)
            painter.setPen(theme.color("secondary"))
            at = place.adjusted(_SWATCH + theme.SPACE_XS, 0, 1, 0)
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
