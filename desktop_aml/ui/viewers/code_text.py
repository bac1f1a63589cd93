"""Plain text with line numbers in the fixed font: the base of the code viewer and of the specification editor."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_aml.ui.look import theme

_MIN_POINTS: Final = 6.0
_MAX_POINTS: Final = 32.0


class LineNumbers(QWidget):
    """The strip of line numbers at the left edge of a `CodeText`. Decoration: screen readers skip it."""

    def __init__(self, text: CodeText) -> None:
        super().__init__(text)
        self._text = text

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the longest number."""
        return QSize(self._text.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the numbers of the lines in sight."""
        self._text.paint_numbers(self, event.rect())


class CodeText(QPlainTextEdit):
    """Text in the fixed font with line numbers, marks on lines, and a size that Ctrl+plus and Ctrl+minus change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = LineNumbers(self)
        self._marked_lines: frozenset[int] = frozenset()
        self._points_added = 0.0
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.document().setDocumentMargin(theme.SPACE_XS)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._numbers.update)
        theme.changed.connect(self._restyle)
        self._restyle()

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor at `line` and `column`, both counted from 1, and show it in the middle."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = QTextCursor(block)
        cursor.movePosition(
            QTextCursor.MoveOperation.Right,
            QTextCursor.MoveMode.MoveAnchor,
            min(max(0, column - 1), len(block.text())),
        )
        self.setTextCursor(cursor)
        self.centerCursor()

    def mark_lines(self, lines: frozenset[int]) -> None:
        """Show the numbers of `lines`, counted from 1, in the colour of faults."""
        if lines != self._marked_lines:
            self._marked_lines = lines
            self._numbers.update()

    def zoom(self, points: float) -> None:
        """Make the text larger or smaller by `points`; 0 puts it back."""
        wanted = self._points_added + points if points else 0.0
        base = theme.font("mono").pointSizeF()
        self._points_added = min(max(wanted, _MIN_POINTS - base), _MAX_POINTS - base)
        self._restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Zoom with Ctrl+plus, Ctrl+minus and Ctrl+0."""
        steps = {Qt.Key.Key_Plus: 1.0, Qt.Key.Key_Equal: 1.0, Qt.Key.Key_Minus: -1.0, Qt.Key.Key_0: 0.0}
        step = steps.get(Qt.Key(event.key())) if event.modifiers() & Qt.KeyboardModifier.ControlModifier else None
        if step is None:
            super().keyPressEvent(event)
        else:
            self.zoom(step)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom with Ctrl and the wheel; Qt's own zoom would forget the line numbers."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.0 if event.angleDelta().y() > 0 else -1.0)
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the numbers at the left edge."""
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))

    # Line numbers ---------------------------------------------------------------------------------------------

    def numbers_width(self) -> int:
        """Return how many pixels the line numbers take."""
        digits = max(2, len(str(self.blockCount())))
        return theme.SPACE_M + self.fontMetrics().horizontalAdvance("9") * digits + theme.SPACE_S

    def paint_numbers(self, strip: QWidget, area: QRect) -> None:
        """Paint the line numbers that lie in `area` of `strip`."""
        painter = QPainter(strip)
        painter.fillRect(area, theme.color("surface"))
        painter.setFont(self.font())
        current = self.textCursor().blockNumber()
        line_height = self.fontMetrics().lineSpacing()
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber()
            role = "failed" if number + 1 in self._marked_lines else "text" if number == current else "secondary"
            painter.setPen(theme.color(role))
            place = QRect(0, round(top), strip.width() - theme.SPACE_S, line_height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number + 1))
            block, top = block.next(), top + height

    def _on_block_count_changed(self, _count: int) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)

    def _on_update_request(self, area: QRect, scrolled_by: int) -> None:
        if scrolled_by:
            self._numbers.scroll(0, scrolled_by)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    def _restyle(self) -> None:
        font = theme.font("mono")
        font.setPointSizeF(font.pointSizeF() + self._points_added)
        self.setFont(font)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 4)
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)
        # The strip is placed once the font has settled.
        QTimer.singleShot(0, self, self._place_numbers)

    def _place_numbers(self) -> None:
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))
        self._numbers.update()
