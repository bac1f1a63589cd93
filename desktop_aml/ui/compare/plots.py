"""One plot for each metric, with a line for each of several runs, and the runs beside them.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.compare.grouped import RunSet
from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.compare.chart import CompareChart, Manner, RunCurve
from desktop_aml.ui.compare.legend import RunLegend
from desktop_aml.ui.compare.means import mean_of
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.data import MetricBook
from desktop_aml.ui.plots.metrics_bar import MetricsBar
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel

_DRAWN_AT_MOST: Final = 24
_COLUMNS_FROM: Final = ((1240, 3), (640, 2))
_MOST_COLUMNS: Final = 3
_LEGEND: Final = 176
_TURN_MS: Final = 10


class ComparePlots(QWidget):
    """Draws the curves of runs over each other."""

    zoomed = Signal(str)
    """A person looks at a part of the plot of this metric."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: Sequence[RunSummary] = ()
        self._books: Mapping[str, MetricBook] = {}
        self._columns = 1
        self._view: tuple[float, float] | None = None
        self._stale: set[str] = set()
        self._sets: tuple[RunSet, ...] = ()
        self._has_outlines = False
        self.charts: dict[str, CompareChart] = {}
        self._build()
        # One chart a turn: making one takes about two frames, and the window stays alive between them.
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._make_next)

    def _build(self) -> None:
        self.bar = MetricsBar(self, has_table=False)
        self.bar.axis_changed.connect(lambda _: self._redraw())
        self.bar.log_changed.connect(lambda _: self._redraw())
        self.bar.smoothing_changed.connect(lambda _: self._redraw())
        self.bar.filter_changed.connect(lambda _: self._arrange())
        self.filter = self.bar.filter
        self.note = SecondaryLabel("", self, small=True)
        self.note.setContentsMargins(theme.SPACE_L, 0, theme.SPACE_L, theme.SPACE_XS)
        self.legend = RunLegend(self)
        self.legend.hidden_changed.connect(self._on_legend_hidden_changed)
        self.body = QWidget(self)
        self.body.setProperty("surface", True)
        self._grid = QGridLayout(self.body)
        self._grid.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        self._grid.setHorizontalSpacing(theme.SPACE_XL)
        self._grid.setVerticalSpacing(theme.SPACE_L)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.body)
        self.area.installEventFilter(self)
        sides = KeyedSplitter(Qt.Orientation.Horizontal, self)
        sides.addWidget(self.area)
        sides.addWidget(self.legend)
        sides.setStretchFactor(0, 1)
        sides.setSizes([600, _LEGEND])
        sides.setChildrenCollapsible(False)
        self.empty = EmptyState(
            "plot", self.tr("No metric was logged more than once, so there is no line to draw."), parent=self
        )
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(sides)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.note)
        layout.addWidget(self.stack, 1)

    def show_books(self, runs: Sequence[RunSummary], books: Mapping[str, MetricBook]) -> None:
        """Draw the curves of `runs`, in the colours of their places; `books` by the ids of the runs."""
        self._runs, self._books = runs, books
        self.legend.show_runs(self._sets or runs)
        self._arrange()
        self._redraw()

    def show_whole(self, books: Mapping[str, MetricBook], names: set[str]) -> None:
        """Draw curves of some names again, which were there by their outline."""
        for run_id, shown in self._books.items():
            known = books[run_id].curves if run_id in books else {}
            shown.curves.update({name: known[name] for name in names & known.keys()})
        self._stale |= names & set(self.charts)
        self._draw_on()

    def note_outlines(self, *, are_there: bool) -> None:
        """Say whether curves stay that are drawn by their outline alone."""
        if are_there != self._has_outlines:
            self._has_outlines = are_there
            self._arrange()

    def show_groups(self, sets: Sequence[RunSet]) -> None:
        """Draw the mean of each group and how far its runs lie apart; each run by itself for no groups."""
        if tuple(sets) != self._sets:
            self._sets = tuple(sets)
            self.legend.show_runs(self._sets or self._runs)
            self._redraw()

    def names(self) -> list[str]:
        """Return the metrics that are drawn: those with a line in any of the runs, that the filter lets through."""
        wanted = self.filter.text().strip().casefold()
        return [name for name in self._lined() if wanted in name.casefold()]

    def _lined(self) -> dict[str, None]:
        return dict.fromkeys(
            name
            for book in self._books.values()
            for name, curve in book.curves.items()
            if curve.is_numeric() and len(curve) > 1
        )

    def _arrange(self) -> None:
        names = self.names()
        hidden = len(names) - _DRAWN_AT_MOST
        more = self.tr("{0} more: filter to see them").format(formats.count(hidden)) if hidden > 0 else ""
        if not names and self._lined():
            more = self.tr("No metric has “{0}” in its name.").format(self.filter.text().strip())
        outlines = self.tr("Of the longest curves the outline is drawn; zoom into one to read all its points.")
        words = "  ".join(one for one in (more, outlines if self._has_outlines else "") if one)
        self.note.setText(words)
        self.note.setVisible(bool(words))
        shown = names[:_DRAWN_AT_MOST]
        for name in set(self.charts) - set(shown):
            self.charts.pop(name).deleteLater()
        self.stack.setCurrentIndex(1 if self._lined() else 0)
        self._place()
        self._next.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Make the charts that nobody had looked at."""
        super().showEvent(event)
        self._next.start()

    def _make_next(self) -> None:
        if not self.isVisible():
            return
        missing = [name for name in self.names()[:_DRAWN_AT_MOST] if name not in self.charts]
        if not missing:
            return
        chart = self.charts[missing[0]] = CompareChart(missing[0], self.body)
        chart.view_chosen.connect(lambda view: self._link(chart, view))
        chart.hide_runs(self.legend.hidden())
        self._draw(missing[0], chart)
        chart.show_view(self._view)
        self._place()
        self._next.start()

    def _fitting(self) -> int:
        width = self.area.width()
        return next((columns for least, columns in _COLUMNS_FROM if width >= least), 1)

    def _place(self) -> None:
        self._columns = self._fitting()
        ordered = [name for name in self.names() if name in self.charts]
        # A plot that stands alone takes the width that others would have.
        columns = max(1, min(self._columns, len(self.names())))
        for column in range(_MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for number, name in enumerate(ordered):
            place = number // columns, number % columns
            self._grid.addWidget(self.charts[name], *place, Qt.AlignmentFlag.AlignTop)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(len(ordered) + 1, 1)

    def _redraw(self) -> None:
        self._stale = set(self.charts)
        self._draw_on()

    def _draw_on(self) -> None:
        """Draw what is out of date, as much as one turn bears."""
        clock = QElapsedTimer()
        clock.start()
        while self._stale and clock.elapsed() < _TURN_MS:
            name = next((one for one in self.charts if one in self._stale), "")
            self._stale.discard(name)
            if not name:
                self._stale.clear()
                return
            self._draw(name, self.charts[name])
        if self._stale:
            QTimer.singleShot(0, self, self._draw_on)

    def _manner(self) -> Manner:
        return Manner(str(self.bar.axis.value()), self.bar.log_scale.isChecked(), self.bar.smoothing())

    def _draw(self, name: str, chart: CompareChart) -> None:
        chart.show_curves(self._means(name) if self._sets else self._curves(name), self._manner())

    def _means(self, name: str) -> list[RunCurve]:
        # Outlines have their points at other places than other runs: no mean goes over them.
        manner, by_run = self._manner(), {one.run_id: one for one in self._curves(name) if one.curve.is_whole()}
        found = []
        for place, group in enumerate(self._sets):
            ids = [self._runs[at].id for at in group.places if at < len(self._runs)]
            members = [(by_run[one].curve, by_run[one].origin) for one in ids if one in by_run]
            if members:
                curve, band = mean_of(members, manner.axis, manner.weight)
                words = self.tr("{0} (n={1})").format(group.display_name, len(members))
                found.append(RunCurve(group.id, words, place, curve, band=band))
        return found

    def _curves(self, name: str) -> list[RunCurve]:
        curves = []
        for place, run in enumerate(self._runs):
            book = self._books.get(run.id)
            curve = book.curves.get(name) if book is not None else None
            if book is not None and curve is not None and len(curve):
                curves.append(RunCurve(run.id, run.display_name, place, curve, book.origin()))
        return curves

    def _link(self, source: CompareChart, view: tuple[float, float] | None) -> None:
        self._view = view
        for chart in self.charts.values():
            if chart is not source:
                chart.show_view(view)
        if view is not None:
            self.zoomed.emit(source.title)

    def _on_legend_hidden_changed(self, hidden: frozenset[str]) -> None:
        for chart in self.charts.values():
            chart.hide_runs(hidden)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Change the number of columns."""
        if event.type() is QEvent.Type.Resize and self._columns != self._fitting():
            self._place()
        return super().eventFilter(watched, event)
