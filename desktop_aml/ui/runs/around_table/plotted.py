"""The runs of the table as plots: those that are selected, the runs of selected groups, or all that match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.compare.sheet import SHOWN_AT_MOST, RunSheet, of_summaries
from desktop_aml.domain.runs import RunQuery, RunSummary, ViewSnapshot
from desktop_aml.ui.look import formats
from desktop_aml.ui.runs.formulas.column import formula_values
from desktop_aml.ui.runs.formulas.kept import KeptFormulas
from desktop_aml.ui.runs.table import RunSource, RunsTable
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.loading import LoadingState

if TYPE_CHECKING:
    from desktop_aml.ui.plots.across.axes import Axis
    from desktop_aml.ui.plots.across.panel import RunPlots

_AT_ONCE: Final = 500
_REST_MS: Final = 2000
"""While runs go on, so much time lies between two readings of them."""

Ranges = Sequence[tuple[int, int]]


class PlottedRuns(QWidget):
    """Reads the runs off the window's thread and shows them in `RunPlots`, which is made when it is first wanted."""

    open_wanted = Signal(str)
    brushed = Signal(object)
    """Ids of the runs that are chosen in the plots; empty while all are."""

    def __init__(self, table: RunsTable, bridge: Bridge, formulas: KeptFormulas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._bridge, self._formulas = table, bridge, formulas
        self._ranges: Ranges = ()
        self.plots: RunPlots | None = None
        self.loading = LoadingState(self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.loading)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._read)
        table.applied.connect(self._on_table_applied)

    def show_runs(self, ranges: Ranges) -> None:
        """Show the runs in these rows, and of the groups in them; all that match for less than two rows."""
        is_some = sum(last - first + 1 for first, last in ranges) > 1 or self._is_group(ranges)
        self._ranges = ranges if is_some else ()
        self.stack.setCurrentWidget(self.loading)
        self.loading.begin(self.tr("Reading the runs"))
        self._read()

    def _is_group(self, ranges: Ranges) -> bool:
        row = self._table.row(ranges[0][0]) if ranges else None
        return row is not None and row.group is not None

    def chosen_ids(self) -> tuple[str, ...]:
        """Return the ids of the runs that are chosen in the plots; none while nothing was."""
        return self.plots.chosen_ids() if self.plots is not None else ()

    def _read(self) -> None:
        table, ranges = self._table, self._ranges
        query, snapshot, formulas = table.query, table.snapshot, self._formulas.all()

        def work() -> tuple[RunSheet, tuple[Axis, ...]]:
            from desktop_aml.ui.plots.across.axes import axes_of

            found = {run.id: run for run in islice(runs_of(table.source, query, snapshot, ranges), SHOWN_AT_MOST)}
            sheet = of_summaries(runs := list(found.values()))
            own = (formula_values(one, runs) for one in formulas)
            sheet = replace(sheet, columns=(*sheet.columns, *own))
            return sheet, axes_of(sheet)

        call_for(self, self._bridge, work, self._show)

    def _show(self, found: tuple[RunSheet, tuple[Axis, ...]]) -> None:
        sheet, axes = found
        if self.plots is None:
            from desktop_aml.ui.plots.across.panel import RunPlots

            self.plots = RunPlots(self._bridge, self, inset=0)
            self.plots.open_wanted.connect(self.open_wanted)
            self.plots.brushed.connect(self.brushed)
            self.stack.addWidget(self.plots)
            self.setFocusProxy(self.plots)
        self.loading.end()
        self.stack.setCurrentWidget(self.plots)
        self.plots.show_sheet(sheet, axes)
        if len(sheet.ids) == SHOWN_AT_MOST and not self._ranges and self._table.snapshot.matching > SHOWN_AT_MOST:
            self._bridge.tell(self.tr("The first {0} runs are shown.").format(formats.count(SHOWN_AT_MOST)))

    def _on_table_applied(self, _snapshot: ViewSnapshot) -> None:
        if not self.isVisible():
            return
        if not self._table.is_same_query:
            # Rows that were selected are others now.
            self._ranges = ()
            self._read()
        elif not self._ranges and not self._rest.isActive():
            self._rest.start()


def runs_of(source: RunSource, query: RunQuery, snapshot: ViewSnapshot, ranges: Ranges) -> Iterator[RunSummary]:
    """Yield the runs in rows of a table, and of the groups in them; all that match for no rows. For a worker thread."""
    if not ranges:
        flat = source.apply(replace(query, group_by="", open_groups=())) if query.group_by else snapshot
        yield from _page(source, flat.token, 0, flat.count)
        return
    for first, last in ranges:
        yield from _page(source, snapshot.token, first, last + 1 - first)
    positions = (position for first, last in ranges for position in range(first, last + 1))
    groups = (source.group_at(snapshot.token, position) for position in positions) if query.group_by else ()
    names = tuple(group.name for group in groups if group is not None)
    if names:
        opened = source.apply(replace(query, open_groups=names))
        position = 0
        while (group := source.group_at(opened.token, position)) is not None:
            if group.is_open:
                yield from _page(source, opened.token, position + 1, group.count)
            position += 1 + (group.count if group.is_open else 0)


def _page(source: RunSource, token: int, start: int, count: int) -> Iterator[RunSummary]:
    for offset in range(start, start + count, _AT_ONCE):
        page = source.page(token, offset, min(_AT_ONCE, start + count - offset))
        yield from (run for run in page if run is not None)
