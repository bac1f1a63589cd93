"""The margin of a log that says when its lines came."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QToolTip, QWidget

from desktop_aml.ui.look import formats, theme

_DAY: str = "0000-00-00 "
_TIME: str = "00:00:00"


class LogStamps(QWidget):
    """Paints the time of each visible line where it is another than that of the line above.

    Parameters
    ----------
    text : QPlainTextEdit
        The log that it belongs to.
    visible_blocks : callable
        Yields the number of each line in sight, and its upper edge in pixels.
    time_of : callable
        Gives the seconds since 1970 of a block by its number, or None.
    """

    def __init__(
        self,
        text: QPlainTextEdit,
        visible_blocks: Callable[[], Iterator[tuple[int, int]]],
        time_of: Callable[[int], float | None],
    ) -> None:
        super().__init__(text)
        self._text = text
        self._visible_blocks = visible_blocks
        self._time_of = time_of
        self.has_days = False
        """Whether the log is of more than one day, and the day is shown, too."""

    def wanted_width(self) -> int:
        """Return how many pixels the margin takes."""
        words = _DAY + _TIME if self.has_days else _TIME
        return self._text.fontMetrics().horizontalAdvance(words) + theme.SPACE_L + theme.SPACE_M

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the width of the longest time."""
        return QSize(self.wanted_width(), 0)

    def words_at(self, block: int) -> str:
        """Return the time that stands beside a block."""
        at = self._time_of(block)
        if at is None:
            return ""
        words = formats.exact_time(at)
        return words if self.has_days else words[len(_DAY) :]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the times of what is in sight."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("surface"))
        painter.setFont(self._text.font())
        painter.setPen(theme.color("secondary"))
        height, above = self._text.fontMetrics().height(), ""
        for number, top in self._visible_blocks():
            words = self.words_at(number)
            if words and words != above:
                place = QRect(theme.SPACE_L, top, self.width() - theme.SPACE_L, height)
                painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            above = words or above
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell the day, too, where only the time has room."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_day(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _show_day(self, at: QPoint, place: QPoint) -> None:
        over = [number for number, top in self._visible_blocks() if top <= at.y()]
        time = self._time_of(over[-1]) if over else None
        QToolTip.showText(place, "" if time is None else formats.exact_time(time), self)
