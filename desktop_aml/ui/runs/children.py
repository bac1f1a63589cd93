"""The runs that a run started as its children: their states, times and last values, live."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_aml.domain.events import MetricsLogged, RunMoved, RunSubmitted, RunUpdated
from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 300
_METRICS: Final = 4
_FIXED: Final = 3


class ChildRuns(QWidget):
    """The tab of a run's children."""

    count_changed = Signal(int)

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._metrics: tuple[str, ...] = ()
        self.table = self._table()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, 0)
        self._layout.addWidget(self.table)
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, RunSubmitted, RunMoved, RunUpdated, MetricsLogged)
        self.refresh()

    def _table(self) -> ListTable:
        titles = (self.tr("Name"), self.tr("State"), self.tr("Duration"), *self._metrics)
        numbers = range(_FIXED - 1, len(titles))
        table = ListTable(titles, self.tr("Child runs"), self, numbers=numbers)
        for column in range(len(titles)):
            table.setColumnWidth(column, (0, 128, 88)[column] if column < _FIXED else 104)
        table.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        return table

    def refresh(self) -> None:
        """Read the children again."""
        self._reading.ask(lambda: self._workspace.runs.children(self._run_id), self._show, lambda _: None)

    def _show(self, children: tuple[RunSummary, ...]) -> None:
        found = tuple(dict.fromkeys(name for run in children for name, _ in run.summary))[:_METRICS]
        if found != self._metrics:
            self._metrics = found
            old, self.table = self.table, self._table()
            self._layout.replaceWidget(old, self.table)
            old.deleteLater()
        self.table.fill((run.id, self._cells(run)) for run in children)
        self.count_changed.emit(len(children))

    def _cells(self, run: RunSummary) -> tuple[Cell, ...]:
        seconds, values = run.duration_s(time.time()), dict(run.summary)
        state = Cell(state_word(run.state), tip=run.error, icon=icons.state_icon(run.state))
        fixed = Cell(run.display_name, tip=run.id), state, Cell(formats.duration(seconds), seconds or 0.0)
        return (*fixed, *(Cell.of_number(values.get(name)) for name in self._metrics))

    def _on_event_happened(self, event: RunSubmitted | RunMoved | RunUpdated | MetricsLogged) -> None:
        if event.run_id != self._run_id and not self._timer.isActive():
            self._timer.start()
