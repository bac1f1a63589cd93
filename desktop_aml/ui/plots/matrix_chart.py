"""A confusion matrix as a map of shaded cells with their counts."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_aml.domain.charts import ConfusionMatrix
from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.colors import Rgb, contrast, mix

_CELL_HEIGHTS: Final = ((8, 36), (14, 28), (24, 20))
"""Height of a cell up to so many classes."""

_WORDS_UNTIL: Final = 24
"""More classes than these have cells too small for words; the value is shown for the chosen cell."""

_MAP_HEIGHT: Final = 480
_WIDEST_CELL: Final = 104
_LABEL_WIDTH: Final = 112
_STRONGEST: Final = 0.9
_STEPS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class MatrixChart(QWidget):
    """True classes down, predicted ones across. The pointer or the arrow keys choose a cell."""

    described = Signal(str)
    """Words about the chosen cell; empty when none is."""

    def __init__(self, chart: ConfusionMatrix, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self._counts = np.array(chart.counts)
        totals = self._counts.sum(axis=1, keepdims=True)
        self._shares = self._counts / np.where(totals, totals, 1.0)
        self._is_normalised = False
        self._chosen: tuple[int, int] | None = None
        self._map: QImage | None = None
        count = len(chart.labels)
        fitting = [height for most, height in _CELL_HEIGHTS if count <= most]
        self._cell_height = fitting[0] if fitting else max(1, _MAP_HEIGHT // count)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = self.tr("Confusion matrix of {0} classes, accuracy {1}")
        self.setAccessibleName(words.format(formats.count(count), formats.number4(chart.accuracy())))
        theme.changed.connect(self._on_theme_changed)

    def set_normalised(self, on: bool) -> None:
        """Show shares of each true class in place of counts."""
        self._is_normalised = on
        self._map = None
        self._tell()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as its rows."""
        rows = self._cell_height * len(self.chart.labels)
        return QSize(_LABEL_WIDTH + _WIDEST_CELL, self._head() + rows + theme.SPACE_S)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Any width will do."""
        return QSize(_LABEL_WIDTH, self.sizeHint().height())

    def chosen_words(self) -> str:
        """Return what is to be said of the chosen cell."""
        if self._chosen is None:
            return ""
        true, predicted = self._chosen
        labels = self.chart.labels
        words = self.tr("{0} predicted as {1}: {2} ({3})")
        share = f"{100 * self._shares[true, predicted]:.1f} %"
        return words.format(labels[true], labels[predicted], _count(self.chart.counts[true][predicted]), share)

    def choose(self, cell: tuple[int, int] | None) -> None:
        """Point at ``(true, predicted)``, or at nothing."""
        if cell != self._chosen:
            self._chosen = cell
            self._tell()
            self.update()

    def _tell(self) -> None:
        words = self.chosen_words()
        self.setAccessibleDescription(words)
        self.described.emit(words)

    # Places.

    def _head(self) -> int:
        return 2 * self.fontMetrics().height() + 2 * theme.SPACE_XS

    def _cell_width(self) -> int:
        room = self.width() - _LABEL_WIDTH - theme.SPACE_S
        return max(2, min(_WIDEST_CELL, room // len(self.chart.labels)))

    def _cell(self, row: int, column: int) -> QRect:
        width, height = self._cell_width(), self._cell_height
        return QRect(_LABEL_WIDTH + column * width, self._head() + row * height, width, height)

    def cell_at(self, at: QPoint) -> tuple[int, int] | None:
        """Return the cell under a point."""
        row = (at.y() - self._head()) // self._cell_height
        column = (at.x() - _LABEL_WIDTH) // self._cell_width()
        count = len(self.chart.labels)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    # Painting.

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint titles, labels and cells."""
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        self._paint_labels(painter)
        if len(self.chart.labels) <= _WORDS_UNTIL:
            self._paint_cells(painter)
        else:
            last = len(self.chart.labels) - 1
            painter.drawImage(self._cell(0, 0).united(self._cell(last, last)), self._image())
        if self._chosen is not None:
            painter.setPen(QPen(theme.color("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._cell(*self._chosen).adjusted(1, 1, -1, -1))
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_labels(self, painter: QPainter) -> None:
        metrics, line = painter.fontMetrics(), self.fontMetrics().height()
        painter.setPen(theme.color("secondary"))
        painter.drawText(QRect(_LABEL_WIDTH, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, self.tr("Predicted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        gap = theme.SPACE_S
        painter.drawText(QRect(0, line + 2, _LABEL_WIDTH - gap, line), right, self.tr("True"))
        if self._cell_height < line - 4:
            return
        painter.setPen(theme.color("text"))
        for place, label in enumerate(self.chart.labels):
            at = self._cell(place, 0)
            shown = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, _LABEL_WIDTH - 2 * gap)
            painter.drawText(QRect(gap, at.y(), _LABEL_WIDTH - 2 * gap, at.height()), right, shown)
            above = self._cell(0, place)
            shown = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, above.width() - 4)
            painter.drawText(QRect(above.x(), line + 2, above.width(), line), Qt.AlignmentFlag.AlignCenter, shown)

    def _values(self) -> Floats:
        return self._shares if self._is_normalised else self._counts

    def _paint_cells(self, painter: QPainter) -> None:
        surface, accent = _rgb(theme.color("surface")), _rgb(theme.color("accent"))
        most = float(self._values().max()) or 1.0
        for row, cells in enumerate(self._values().tolist()):
            for column, value in enumerate(cells):
                fill = mix(surface, accent, min(1.0, max(0.0, value / most)) * _STRONGEST)
                inner = self._cell(row, column).adjusted(0, 0, -1, -1)
                painter.fillRect(inner, QColor(*fill))
                painter.setPen(max(_inks(), key=lambda ink: contrast(_rgb(ink), fill)))
                words = f"{100 * value:.0f} %" if self._is_normalised else _count(value)
                painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, words)

    def _image(self) -> QImage:
        """Return one pixel a cell: thousands of cells are painted as fast as a few."""
        if self._map is None:
            surface, accent = (np.array(_rgb(theme.color(role)), float) for role in ("surface", "accent"))
            values = self._values()
            shares = np.clip(values / (values.max() or 1.0), 0, 1)[..., None] * _STRONGEST
            pixels = np.ascontiguousarray((surface + (accent - surface) * shares).round().astype(np.uint8))
            height, width, _ = pixels.shape
            self._map = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        return self._map

    def _on_theme_changed(self) -> None:
        self._map = None
        self.update()

    # Pointer and keys.

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the cell under the pointer."""
        self.choose(self.cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Choose nothing."""
        super().leaveEvent(event)
        self.choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Walk from cell to cell."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        last = len(self.chart.labels) - 1
        row, column = self._chosen or (-step[0], -step[1])
        self.choose((min(last, max(0, row + step[0])), min(last, max(0, column + step[1]))))


def _inks() -> tuple[QColor, QColor]:
    return theme.color("text"), theme.color("accent_text")


def _count(value: float) -> str:
    return formats.count(int(value)) if value.is_integer() else formats.number4(value)


def _rgb(color: QColor) -> Rgb:
    return color.red(), color.green(), color.blue()
