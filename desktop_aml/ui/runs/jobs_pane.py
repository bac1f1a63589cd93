"""What is queued, running or being built right now, with progress and Cancel; what ended lately stays for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.errors import DesktopAMLError, NotFound
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
from desktop_aml.domain.summaries.log_progress import TAIL_BYTES, progress_in
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.job_row import JobKey, JobRow
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

ENDED_KEPT: Final = 5
"""How many jobs that ended are still listed."""

SHOWN_AT_MOST: Final = 100

_LOOKED_AT: Final = 16
"""Of how many runs the logs are looked at each second."""


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
        self._asked: dict[str, bool] = {}
        # Runs of which something was told since those under way were asked for.
        self._news: set[str] = set()
        self._active = LatestReading(self, bridge)
        self._is_looking = False
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
        bridge.listen(
            self._on_event_happened,
            RunSubmitted,
            RunUpdated,
            RunMoved,
            RunDeleted,
            PreparationProgressed,
            BuildProgressed,
        )
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
        self._news.clear()
        self._active.ask(self._workspace.runs.active, self._show_active)

    def _show_active(self, runs: tuple[RunSummary, ...]) -> None:
        for run in runs[-SHOWN_AT_MOST:]:
            if run.id in self._news:
                self._ask_for(run.id, new=True)
            else:
                self._show_run(run)

    def _call(self, work: Callable[[], object], done: Callable[..., object] | None = None) -> None:
        call_for(self, self._bridge, work, done)

    def _on_event_happened(self, event: Event) -> None:
        if isinstance(event, RunSubmitted | RunUpdated | RunMoved | RunDeleted):
            self._date_answers(event.run_id)
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
        self._asked[run_id] = False
        job = JobKey("run", run_id)

        def show(detail: RunDetail) -> None:
            is_dated = self._asked.pop(run_id)
            if detail.summary.deleted_at is not None:
                self._remove(job)
            elif not is_dated or job not in self._rows:
                self._show_run(detail.summary)
            if is_dated:
                self._ask_for(run_id, new=True)

        def look_again(error: DesktopAMLError) -> None:
            is_dated = self._asked.pop(run_id)
            if isinstance(error, NotFound):
                self._remove(job)
            elif is_dated:
                self._ask_for(run_id, new=True)

        call_for(self, self._bridge, partial(self._workspace.runs.get, run_id), show, look_again)

    def _date_answers(self, run_id: str) -> None:
        """Remember that what is being read of a run may be older than what was told of it."""
        self._news.add(run_id)
        if run_id in self._asked:
            self._asked[run_id] = True

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
        fraction = row.script_fraction if state is RunState.RUNNING else None
        row.show_state(state, stage, fraction, busy=state.is_active(), ended=state.is_terminal())
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
        if self.isVisible() and not self._is_looking:
            self._look_at_logs()

    def _look_at_logs(self) -> None:
        """Ask the logs of what runs how far their scripts say that they are."""
        running = [job.key for job, row in self._rows.items() if row.badge.state() == RunState.RUNNING]
        if not running:
            return
        self._is_looking = True

        def work() -> dict[str, float | None]:
            return {run_id: self._progress_of(run_id) for run_id in running[-_LOOKED_AT:]}

        def show(found: dict[str, float | None]) -> None:
            self._is_looking = False
            for run_id, fraction in found.items():
                if (row := self._rows.get(JobKey("run", run_id))) is not None and fraction != row.script_fraction:
                    row.show_script_fraction(fraction)

        call_for(self, self._bridge, work, show, self._on_look_failed)

    def _progress_of(self, run_id: str) -> float | None:
        with suppress(DesktopAMLError):
            tail = self._workspace.runs.files.read_log(run_id, -TAIL_BYTES, TAIL_BYTES)
            return progress_in(tail.data.decode("utf-8", "replace"))
        return None

    def _on_look_failed(self, _error: DesktopAMLError) -> None:
        self._is_looking = False

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
