"""The queue in a window of its own: reordered by drag, paused, and why its runs wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.events import Event, RunDeleted, RunMoved, RunSubmitted, RunUpdated
from desktop_aml.domain.organising.queue import QueuedRun
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.row_focus import RowFocusTable
from desktop_aml.ui.runs.queue.model import QueueModel
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_LATER_MS: Final = 400
_SHARE: Final = 20
_WIDTHS: Final = (72, 160, 160, 136, 80)
_NAME: Final = 1


class QueueDialog(QDialog):
    """Shows what waits; `show` it, it does not block."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Queue"))
        self.resize(760, 480)
        self._workspace, self._bridge = workspace, bridge
        self._is_paused = False
        self.model = QueueModel(self)
        self.model.move_wanted.connect(self._move)
        self.table = self._made_table()
        self.words = SecondaryLabel("", self)
        self.words.setWordWrap(True)
        self.error = ErrorLine(self)
        self.first_button = QPushButton(self.tr("Begin next"), self)
        self.first_button.setToolTip(self.tr("Put the chosen runs before all others"))
        self.first_button.clicked.connect(self.put_first)
        self.pause_button = QPushButton(self.tr("Pause"), self)
        self.pause_button.clicked.connect(self.pause_or_resume)
        for button in (self.first_button, self.pause_button):
            button.setAutoDefault(False)
        head = QHBoxLayout()
        head.addWidget(Heading(self.tr("Queue"), 1, self))
        head.addStretch(1)
        head.addWidget(self.first_button)
        head.addWidget(self.pause_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addLayout(head)
        layout.addWidget(
            SecondaryLabel(self.tr("Drag runs to where they shall begin, or use Alt+Up and Alt+Down."), self)
        )
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        layout.addWidget(self.error)
        for key, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            QShortcut(QKeySequence(key), self, lambda step=step: self.step(step))
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, RunMoved, RunSubmitted, RunUpdated, RunDeleted)
        self.refresh()

    def _made_table(self) -> RowFocusTable:
        table = RowFocusTable(self)
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Queue"))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        table.setItemDelegate(PaddedDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        # A row goes between two others, never into one.
        table.setDragDropOverwriteMode(False)
        table.horizontalHeader().setHighlightSections(False)
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        head.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        table.doubleClicked.connect(lambda index: self._bridge.go_to("run", self.model.run_at(index.row()).id))
        table.selectionModel().currentRowChanged.connect(self._explain)
        return table

    # What waits.

    def refresh(self) -> None:
        """Read the queue again; while rows are dragged, later."""
        if self.table.state() is QAbstractItemView.State.DraggingState:
            self._later.start()
            return
        queue, shown = self._workspace.runs.queue, self.model.runs()

        def read() -> tuple[list[QueuedRun] | None, bool, float]:
            began = time.monotonic()
            found = list(queue.listed())
            # Compared here: for a long queue this takes longer than a frame.
            return None if found == shown else found, queue.is_paused(), time.monotonic() - began

        self._reading.ask(read, self._show, self.error.show_error)

    def _show(self, found: tuple[list[QueuedRun] | None, bool, float]) -> None:
        runs, self._is_paused, took_s = found
        # A queue that takes long to read is read seldom.
        self._later.setInterval(max(_LATER_MS, int(_SHARE * 1000 * took_s)))
        if runs is not None:
            chosen = self._chosen_ids()
            self.model.fill(runs)
            self._choose(chosen)
        self.pause_button.setText(self.tr("Resume") if self._is_paused else self.tr("Pause"))
        self._explain(self.table.currentIndex())

    def _on_event_happened(self, event: Event) -> None:
        if not self.isVisible():
            return
        if (isinstance(event, RunMoved) and event.state is not RunState.QUEUED) or isinstance(event, RunDeleted):
            self.model.take_out(event.run_id)
        if isinstance(event, RunMoved | RunSubmitted | RunUpdated) and not self._later.isActive():
            self._later.start()

    def _explain(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        """Say why the chosen run waits, or else the first."""
        self.first_button.setEnabled(self.model.rowCount() > 0)
        if not self.model.rowCount():
            self.words.setText(self.tr("The queue is paused.") if self._is_paused else self.tr("No run waits."))
            return
        run, runs = self.model.run_at(max(0, index.row())), self._workspace.runs
        call_for(
            self,
            self._bridge,
            lambda: runs.queue.reason(runs.get(run.id)),
            lambda why: self.words.setText(self.tr("{0}: {1}").format(run.name, why) if why else ""),
            # It was deleted meanwhile.
            lambda _: None,
        )

    # What people change.

    def _chosen_ids(self) -> list[str]:
        return [self.model.run_at(index.row()).id for index in self.table.selectionModel().selectedRows()]

    def _choose(self, ids: list[str]) -> None:
        wanted = set(ids)
        for run_id in wanted - set(self._chosen_ids()):
            row = self.model.row_of(run_id)
            if row >= 0:
                index = self.model.index(row, 0)
                flags = self.table.selectionModel().SelectionFlag
                self.table.selectionModel().select(index, flags.Select | flags.Rows)

    def _rows(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def put_first(self) -> None:
        """Have the chosen runs begin before all others."""
        self.model.put(self._rows(), 0)

    def step(self, by: int) -> None:
        """Move the chosen runs up or down by one place."""
        rows = self._rows()
        if rows and rows[0] + by >= 0 and rows[-1] + by < self.model.rowCount():
            self.model.put(rows, rows[0] - 1 if by < 0 else rows[-1] + 2)

    def _move(self, ids: list[str], before: str) -> None:
        queue = self._workspace.runs.queue
        is_first = self.model.row_of(ids[0]) == 0

        def move() -> None:
            # What stood first when they were moved may have begun since: then they stand before the next.
            for run_id in reversed(ids) if is_first else ids:
                if is_first:
                    queue.put_first(run_id)
                else:
                    queue.move(run_id, before)

        self.error.hide()
        call_for(self, self._bridge, move, lambda _: self.refresh(), self._on_refused)

    def _on_refused(self, error: object) -> None:
        self.error.show_error(error)  # type: ignore[arg-type]
        self.refresh()

    def pause_or_resume(self) -> None:
        """Let no further run begin, or let them begin again."""
        queue = self._workspace.runs.queue
        act = queue.resume if self._is_paused else queue.pause
        call_for(self, self._bridge, act, lambda _: self.refresh(), self._on_refused)
