"""What is queued, running or being built right now, with progress and Cancel; what ended lately stays for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.events import (
    BuildProgressed,
    Event,
    PreparationProgressed,
    RunDeleted,
    RunMoved,
    RunSubmitted,
    RunUpdated,
)
from desktop_aml.domain.runs import RunDetail, RunState, RunSummary
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconButton, SecondaryLabel, StateBadge

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

ENDED_KEPT: Final = 5
"""How many jobs that ended are still listed."""

SHOWN_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class JobKey:
    """Which job a row shows: kind ``"run"`` or ``"build"``, and the run's id or ``name:version``."""

    kind: str
    key: str


class JobRow(QFrame):
    """One job in one line: state, name, what it does now, progress, time, Cancel."""

    opened = Signal(object)
    cancel_wanted = Signal(object)
    removal_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, job: JobKey, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        self.started_at: float | None = None
        self.ended = False
        self.setFixedHeight(theme.ROW_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.badge = StateBadge()
        self.badge.setMinimumWidth(112)
        self.name = ElidedLabel(name)
        self.name.setMinimumWidth(120)
        self.stage = ElidedLabel("")
        self.stage.setProperty("role", "secondary")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(120)
        self.progress.setAccessibleName(self.tr("Progress of {0}").format(name))
        self.time = QLabel()
        self.time.setFont(theme.font("mono"))
        self.time.setProperty("role", "secondary")
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.time.setMinimumWidth(64)
        self.cancel = IconButton("close", self.tr("Cancel {0}").format(name))
        self.cancel.clicked.connect(lambda: self.cancel_wanted.emit(self.job))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_S, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.badge)
        row.addWidget(self.name, 2)
        row.addWidget(self.stage, 3)
        row.addWidget(self.progress)
        row.addWidget(self.time)
        row.addWidget(self.cancel)
        self._keep_place(self.progress, self.cancel)

    def _keep_place(self, *widgets: QWidget) -> None:
        # What comes and goes keeps its place, so that the columns stay in line.
        for widget in widgets:
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)

    def show_state(self, state: str, stage: str, fraction: float | None, *, busy: bool, ended: bool) -> None:
        """Show a state and how far it got; `fraction` None while busy is a bar without an end."""
        self.badge.set_state(state)
        self.stage.setText(stage)
        self.ended = ended
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0 if fraction is None else 100)
        if fraction is not None:
            self.progress.setValue(round(100 * fraction))
        self.cancel.setVisible(not ended and state != RunState.CANCEL_REQUESTED)
        self.setAccessibleName(f"{self.name.text()} {self.badge.accessibleName()} {stage}".strip())

    def show_time(self, seconds: float | None) -> None:
        """Show how long it has been going."""
        if seconds is None:
            self.time.clear()
        elif self.ended or seconds >= 10:
            self.time.setText(formats.duration(seconds))
        else:
            # Tenths would only stand still between two seconds.
            self.time.setText(f"0:{max(0, int(seconds)):02}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open what the row shows."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(self.job)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open what the row shows, or take the row of an ended job away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.job)
        elif event.key() == Qt.Key.Key_Delete and self.ended:
            self.removal_wanted.emit(self.job)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for the menu, by the mouse or by its key."""
        self.menu_wanted.emit(self.job, event.globalPos())


class JobsPane(QWidget):
    """The list of jobs, fed by events."""

    emptied = Signal(bool)
    """Whether there is nothing to list: then one line is room enough."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobs_pane")
        self._workspace = workspace
        self._bridge = bridge
        self._rows: dict[JobKey, JobRow] = {}
        self._asked: set[str] = set()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        body = QWidget()
        body.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setAccessibleName(self.tr("Jobs"))
        self._empty = SecondaryLabel(self.tr("Nothing is running. What you run appears here."))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.setFocusProxy(scroll)
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._show_times)
        bridge.event_happened.connect(self._on_event_happened)
        self._show_which()
        self.refresh()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for three jobs, or for the line that says that there are none."""
        return QSize(640, (3 if self._rows else 1) * theme.ROW_HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for one."""
        return QSize(240, theme.ROW_HEIGHT)

    def rows(self) -> tuple[JobRow, ...]:
        """Return the rows, newest first."""
        return tuple(reversed(self._rows.values()))

    def refresh(self) -> None:
        """Ask for the runs that are queued or under way."""
        self._call(self._workspace.runs.active, self._show_active)

    def _show_active(self, runs: tuple[RunSummary, ...]) -> None:
        for run in runs[-SHOWN_AT_MOST:]:
            self._show_run(run)

    def _call(self, work: Callable[[], object], done: Callable[..., object] | None = None) -> None:
        call_for(self, self._bridge, work, done)

    def _on_event_happened(self, event: Event) -> None:
        if isinstance(event, RunSubmitted | RunUpdated):
            self._ask_for(event.run_id, new=isinstance(event, RunSubmitted))
        elif isinstance(event, RunMoved):
            self._move(event)
        elif isinstance(event, PreparationProgressed):
            self._show_preparation(event)
        elif isinstance(event, RunDeleted):
            self._remove(JobKey("run", event.run_id))
        elif isinstance(event, BuildProgressed):
            self._show_build(event)

    def _ask_for(self, run_id: str, *, new: bool) -> None:
        if run_id in self._asked or not (new or JobKey("run", run_id) in self._rows):
            return
        self._asked.add(run_id)

        def show(detail: object) -> None:
            self._asked.discard(run_id)
            self._show_run(detail.summary)  # type: ignore[attr-defined]

        call_for(
            self, self._bridge, partial(self._workspace.runs.get, run_id), show, lambda _: self._asked.discard(run_id)
        )

    def _move(self, event: RunMoved) -> None:
        row = self._rows.get(JobKey("run", event.run_id))
        if row is None:
            self._ask_for(event.run_id, new=not event.state.is_terminal())
            return
        if event.state is RunState.RUNNING:
            row.started_at = event.at
        if event.state.is_terminal() and row.started_at is not None:
            row.ended = True
            row.show_time(event.at - row.started_at)
            # How long it ran stands in its record: the event comes when all that it left was taken in.
            self._call(partial(self._workspace.runs.get, event.run_id), partial(_show_duration, row))
        self._show_row(row, event.state, event.note)

    def _show_run(self, run: RunSummary) -> None:
        row = self._row(JobKey("run", run.id), run.display_name)
        row.name.setText(run.display_name)
        row.started_at = run.started_at
        row.ended = run.state.is_terminal()
        row.show_time(run.duration_s(time.time()))
        self._show_row(row, run.state, run.script)

    def _show_row(self, row: JobRow, state: RunState, stage: str) -> None:
        row.show_state(state, stage, None, busy=state.is_active(), ended=state.is_terminal())
        self._trim()

    def _show_preparation(self, event: PreparationProgressed) -> None:
        row = self._rows.get(JobKey("run", event.run_id))
        if row is not None and not row.ended and row.badge.state() == RunState.PREPARING:
            words = event.message or event.stage
            row.show_state(RunState.PREPARING, words, event.fraction, busy=True, ended=False)

    def _show_build(self, event: BuildProgressed) -> None:
        label = f"{event.name}:{event.version}"
        building = event.state is BuildState.BUILDING
        job = JobKey("build", label)
        if not building and job not in self._rows:
            return
        row = self._row(job, label)
        row.started_at = row.started_at or time.time()
        row.show_state(event.state, event.message or event.stage, event.fraction, busy=building, ended=not building)
        self._trim()

    def _row(self, job: JobKey, name: str) -> JobRow:
        row = self._rows.get(job)
        if row is None:
            row = self._rows[job] = JobRow(job, name)
            row.opened.connect(self._open)
            row.cancel_wanted.connect(self.cancel)
            row.removal_wanted.connect(self._remove)
            row.menu_wanted.connect(lambda job, at: self.menu(job).popup(at))
            self._list.insertWidget(0, row)
            self._show_which()
        return row

    def _trim(self) -> None:
        ended = [job for job, row in self._rows.items() if row.ended]
        for job in ended[:-ENDED_KEPT]:
            self._remove(job)
        self._show_which()

    def _remove(self, job: JobKey) -> None:
        row = self._rows.pop(job, None)
        if row is not None:
            row.hide()
            row.deleteLater()
            self._show_which()

    def menu(self, job: JobKey) -> RowMenu:
        """Return what can be done with a job; its run or environment stays whatever becomes of the row."""
        row, menu = self._rows[job], RowMenu(self)
        menu.entry("external", self.tr("Open"), lambda: self._open(job))
        menu.entry("close", self.tr("Cancel"), lambda: self.cancel(job), enabled=not row.cancel.isHidden())
        menu.entry("copy", self.tr("Copy name"), lambda: QGuiApplication.clipboard().setText(row.name.text()))
        menu.addSeparator()
        hide = self.tr("Remove from this list")
        menu.entry("minus", hide, lambda: self._remove(job), enabled=row.ended, shortcut="Del")
        has_ended = any(one.ended for one in self._rows.values())
        menu.entry("trash", self.tr("Clear ended jobs"), self.clear_ended, enabled=has_ended)
        return menu

    def clear_ended(self) -> None:
        """Take the rows of all ended jobs away."""
        for job in [job for job, row in self._rows.items() if row.ended]:
            self._remove(job)

    def is_empty(self) -> bool:
        """Whether there is nothing to list."""
        return not self._rows

    def _show_which(self) -> None:
        shown = 1 if self._rows else 0
        if shown != self._stack.currentIndex():
            self._stack.setCurrentIndex(shown)
            self.emptied.emit(self.is_empty())
        busy = any(not row.ended for row in self._rows.values())
        if busy != self._tick.isActive():
            self._tick.start() if busy else self._tick.stop()

    def _show_times(self) -> None:
        now = time.time()
        for row in self._rows.values():
            if not row.ended and row.started_at is not None:
                row.show_time(now - row.started_at)

    def _open(self, job: JobKey) -> None:
        if job.kind == "run":
            self._bridge.go_to("run", job.key)
        else:
            self._bridge.go_to("environment", job.key)

    def cancel(self, job: JobKey) -> None:
        """Cancel a run or a build."""
        if job.kind == "run":
            self._call(partial(self._workspace.runs.cancel, job.key))
        else:
            name, _, version = job.key.rpartition(":")
            self._call(partial(self._workspace.environments.cancel_build, name, int(version)))


def _show_duration(row: JobRow, detail: RunDetail) -> None:
    seconds = detail.summary.duration_s(time.time())
    if isValid(row) and seconds is not None:
        row.show_time(seconds)
