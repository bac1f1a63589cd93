"""One plot for each metric, with a line for each of several runs.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.chart_drawings import Line, LineChart
from desktop_aml.ui.plots.data import MetricBook
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel

_DRAWN_AT_MOST: Final = 24
_TWO_COLUMNS_FROM: Final = 640


class ComparePlots(QWidget):
    """Draws the curves of runs over each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: Sequence[RunSummary] = ()
        self._books: Sequence[MetricBook] = ()
        self._columns = 1
        self.charts: dict[str, LineChart] = {}
        self._build()
        # One chart a turn: making one takes about two frames, and the window stays alive between them.
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._make_next)

    def _build(self) -> None:
        self.axis = ChoiceField(self)
        self.axis.set_choices([(self.tr("Step"), "step"), (self.tr("Time"), "time"), (self.tr("Index"), "index")])
        self.axis.setAccessibleName(self.tr("Horizontal axis"))
        self.axis.setFixedWidth(96)
        self.axis.currentIndexChanged.connect(lambda _: self._redraw())
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter metrics"))
        self.filter.setAccessibleName(self.tr("Filter metrics by name"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(240)
        self.filter.textChanged.connect(lambda _: self._arrange())
        self.note = SecondaryLabel("", self, small=True)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_M)
        bar.addWidget(self.axis)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.note, 1)
        self.body = QWidget(self)
        self.body.setProperty("surface", True)
        self._grid = QGridLayout(self.body)
        self._grid.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        self._grid.setHorizontalSpacing(theme.SPACE_XL)
        self._grid.setVerticalSpacing(theme.SPACE_L)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.body)
        self.empty = EmptyState(
            "plot", self.tr("No metric was logged more than once, so there is no line to draw."), parent=self
        )
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.stack, 1)

    def show_books(self, runs: Sequence[RunSummary], books: Sequence[MetricBook]) -> None:
        """Draw the curves of `runs`, in the colours of their places."""
        self._runs, self._books = runs, books
        self._arrange()
        self._redraw()

    def names(self) -> list[str]:
        """Return the metrics that are drawn: those with a line in any of the runs, that the filter lets through."""
        wanted = self.filter.text().strip().casefold()
        found = dict.fromkeys(
            name for book in self._books for name, curve in book.curves.items() if curve.is_numeric() and len(curve) > 1
        )
        return [name for name in found if wanted in name.casefold()]

    def _arrange(self) -> None:
        names = self.names()
        hidden = len(names) - _DRAWN_AT_MOST
        self.note.setText(self.tr("{0} more: filter to see them").format(formats.count(hidden)) if hidden > 0 else "")
        shown = names[:_DRAWN_AT_MOST]
        for name in set(self.charts) - set(shown):
            self.charts.pop(name).deleteLater()
        self.stack.setCurrentIndex(1 if self._has_lines() else 0)
        self._place()
        self._next.start()

    def _has_lines(self) -> bool:
        return any(curve.is_numeric() and len(curve) > 1 for book in self._books for curve in book.curves.values())

    def _make_next(self) -> None:
        missing = [name for name in self.names()[:_DRAWN_AT_MOST] if name not in self.charts]
        if not missing:
            return
        chart = LineChart(missing[0], (self.axis.currentText(), ""), self.body)
        self.charts[missing[0]] = chart
        self._draw(missing[0], chart)
        self._place()
        self._next.start()

    def _place(self) -> None:
        self._columns = 2 if self.width() >= _TWO_COLUMNS_FROM else 1
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        ordered = [name for name in self.names() if name in self.charts]
        for number, name in enumerate(ordered):
            place = number // self._columns, number % self._columns
            self._grid.addWidget(self.charts[name], *place, Qt.AlignmentFlag.AlignTop)
        self._grid.setRowStretch(len(ordered) + 1, 1)

    def _redraw(self) -> None:
        for name, chart in self.charts.items():
            self._draw(name, chart)

    def _draw(self, name: str, chart: LineChart) -> None:
        axis = str(self.axis.value())
        chart.canvas.setLabel("bottom", self.tr("Time (s)") if axis == "time" else self.axis.currentText())
        chart.show_lines(list(self._lines(name, axis).values()))

    def _lines(self, name: str, axis: str) -> Mapping[str, Line]:
        lines = {}
        for place, (run, book) in enumerate(zip(self._runs, self._books, strict=True)):
            curve = book.curves.get(name)
            if curve is not None and len(curve):
                x, y = curve.outline(axis, book.origin())
                lines[run.id] = Line(run.display_name, x.tolist(), y.tolist(), color=place)
        return lines

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Change between one and two columns."""
        super().resizeEvent(event)
        if self._columns != (2 if self.width() >= _TWO_COLUMNS_FROM else 1):
            self._place()
