"""The table at the crosshair: each run with its colour and its value, the greatest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.metrics import Scalar, number_of
from desktop_aml.ui.compare.swatch import SWATCH_WIDTH, paint_swatch
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.number_column import in_one_form

_NAME_WIDTH: Final = 144


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run has at a place; `place` gives its colour."""

    name: str
    place: int
    value: Scalar

    def order(self) -> tuple[bool, float]:
        """Return what sorts the greatest value to the top and what is no number to the bottom."""
        number = number_of(self.value)
        return (True, 0.0) if math.isnan(number) else (False, -number)

    def words(self) -> str:
        """Return name and value."""
        return f"{self.name} {formats.number4(self.value)}"


class Readout(QWidget):
    """Lies over a chart, where the crosshair leaves room. Decoration: the chart says the same in words."""

    def __init__(self, chart: QWidget) -> None:
        super().__init__(chart)
        self.title = ""
        self.readings: Sequence[Reading] = ()
        self._values: list[str] = []
        self._left_out = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font("small"))
        self.hide()

    def show_readings(self, title: str, readings: Sequence[Reading], across: int) -> None:
        """Show values beside `across`, the pixel of the crosshair; as many as there is room for."""
        chart = self.parentWidget()
        assert chart is not None
        fit = max(1, (chart.height() - 2 * theme.SPACE_S) // self._line() - 2)
        self._left_out = max(0, len(readings) - fit)
        self.title, self.readings = title, readings[:fit]
        self._values = in_one_form(one.value for one in self.readings)
        size = self.sizeHint()
        is_right = across + theme.SPACE_M + size.width() <= chart.width()
        left = across + theme.SPACE_M if is_right else across - theme.SPACE_M - size.width()
        self.setGeometry(QRect(QPoint(max(0, left), theme.SPACE_XS), size))
        self.raise_()
        self.show()
        self.update()

    def left_out(self) -> int:
        """Return how many runs had no room."""
        return self._left_out

    def _line(self) -> int:
        return self.fontMetrics().height() + 2

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as names and values need."""
        metrics = QFontMetrics(self.font())
        names = max((metrics.horizontalAdvance(one.name) for one in self.readings), default=0)
        values = max(map(metrics.horizontalAdvance, self._values), default=0)
        inner = SWATCH_WIDTH + theme.SPACE_S + min(names, _NAME_WIDTH) + theme.SPACE_M + values
        lines = 1 + len(self.readings) + bool(self._left_out)
        width = max(inner, metrics.horizontalAdvance(self.title), metrics.horizontalAdvance(self._more()))
        return QSize(width + 2 * theme.SPACE_S, lines * self._line() + 2 * theme.SPACE_XS)

    def _more(self) -> str:
        return self.tr("{0} more, all lower").format(formats.count(self._left_out)) if self._left_out else ""

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint a card with a line for each run."""
        painter = QPainter(self)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("raised"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        metrics, height = self.fontMetrics(), self._line()
        inner = self.rect().adjusted(theme.SPACE_S, theme.SPACE_XS, -theme.SPACE_S, -theme.SPACE_XS)
        line = QRect(inner.left(), inner.top(), inner.width(), height)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.setPen(theme.color("secondary"))
        painter.drawText(line, middle, self.title)
        for one, value in zip(self.readings, self._values, strict=True):
            line.translate(0, height)
            paint_swatch(painter, QRect(line.left(), line.top(), SWATCH_WIDTH, height), one.place)
            painter.setPen(theme.color("text"))
            name = line.adjusted(SWATCH_WIDTH + theme.SPACE_S, 0, -metrics.horizontalAdvance(value) - theme.SPACE_S, 0)
            painter.drawText(name, middle, metrics.elidedText(one.name, Qt.TextElideMode.ElideMiddle, name.width()))
            painter.drawText(line, middle | right, value)
        if self._left_out:
            line.translate(0, height)
            painter.setPen(theme.color("secondary"))
            painter.drawText(line, middle, self._more())
