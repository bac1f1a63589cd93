"""The page of one run: its head, and tabs for metrics, log, outputs, code, environment and facts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import MetricsLogged, ModelRegistered, PreparationProgressed, RunMoved, RunUpdated
from desktop_aml.domain.runs import SWEEP, Artifact, LogChunk, RunDetail, RunState
from desktop_aml.ui.logs.view import LogView
from desktop_aml.ui.look import formats
from desktop_aml.ui.runs.again.running_again import run_again
from desktop_aml.ui.runs.children import ChildRuns
from desktop_aml.ui.runs.code_tab import CodeTab
from desktop_aml.ui.runs.environment import RunEnvironment
from desktop_aml.ui.runs.header import RunHeader
from desktop_aml.ui.runs.info import RunInfo
from desktop_aml.ui.runs.metrics.machine_tab import MachineTab
from desktop_aml.ui.runs.metrics_tab import MetricsTab
from desktop_aml.ui.runs.outputs_tab import MODELS, OutputsTab
from desktop_aml.ui.runs.sweep_tab import SweepTab
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.text_editor import edit
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.widgets.widgets import EmptyState

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.builds.space import Builds

_TICK_MS: Final = 1000
_LOOK_AGAIN_TICKS = 60_000 // _TICK_MS


class RunPage(QWidget):
    """Everything about one run, live."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_page")
        self.run_id = run_id
        self._workspace = workspace
        self._bridge = bridge
        self.detail: RunDetail | None = None
        self._model_path = ""
        self._shows_build = False
        self._is_reading = False
        self._is_out_of_date = False
        self._ticks = 0
        self._follows_metrics = False
        self._has_numbers = False
        self.setWindowTitle(self.tr("Run"))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        bridge.listen(
            self._on_event_happened, MetricsLogged, PreparationProgressed, RunMoved, RunUpdated, of=self.run_id
        )
        bridge.listen(self._on_model_registered, ModelRegistered)
        self._read()

    def _read(self) -> None:
        """Read the run, never twice at once: an older answer must not arrive after a newer one."""
        self._is_out_of_date = True
        if not self._is_reading:
            self._is_out_of_date = False
            self._is_reading = True
            call_for(
                self, self._bridge, lambda: _read_of(self._workspace, self.run_id), self._on_read, self._on_read_failed
            )

    def _on_read(self, found: tuple[RunDetail, str]) -> None:
        if self.detail is None:
            in_turns(self, self._bridge, [*self._steps(found[0]), lambda: self._end_of_reading(found)])
        else:
            self._end_of_reading(found)

    def _end_of_reading(self, found: tuple[RunDetail, str]) -> None:
        self._is_reading = False
        self._show(*found)
        self.header.show()
        self.tabs.show()
        if self._is_out_of_date:
            self._read()

    def _on_read_failed(self, error: DesktopAMLError) -> None:
        self._is_reading = False
        if self.detail is None:
            self._layout.addWidget(EmptyState("warning", str(error), parent=self))
        elif self._is_out_of_date:
            self._read()

    def _show(self, detail: RunDetail, waits_because: str) -> None:
        first = self.detail is None
        ended = first or self.detail.summary.state is not detail.summary.state  # type: ignore[union-attr]
        self.detail = detail
        state = detail.summary.state
        self.header.waits_because = waits_because
        self.header.show_detail(detail, has_model=bool(self._model_path))
        self.info.show_detail(detail)
        self.machine.show_detail(detail)
        self.setWindowTitle(detail.summary.display_name)
        if ended:
            active = not state.is_terminal()
            self._timer.start() if active else self._timer.stop()
            self._show_log_of(detail)
            self.metrics.set_active(active)
            self.outputs.set_active(active)
            self.environment.refresh()

    def _show_log_of(self, detail: RunDetail) -> None:
        """Show what the script printed, or before it ran, how its environment is built."""
        summary, version = detail.summary, detail.environment_version
        began = [change.at for change in detail.history if change.state is RunState.PREPARING]
        is_built = version is not None and bool(began) and summary.started_at is None
        if is_built is not self._shows_build:
            self._shows_build = is_built
            name, builds = (
                summary.environment.rpartition(":")[0] or summary.environment,
                self._workspace.environments.builds,
            )
            if is_built:
                assert version is not None
                words = self.tr("Preparing the environment {0}").format(summary.environment)
                self.log.set_source(partial(_read_build, builds, name, version, began[-1]), words)
            else:
                self.log.set_source(self._read_log)
        active = not summary.state.is_terminal()
        printed_nothing = self.tr("The script printed nothing.")
        if is_built:
            self.log.set_active(active, self.tr("The environment is ready, or nothing was built yet."))
        else:
            self.log.set_active(active, self.tr("No output yet.") if active else printed_nothing)

    def _read_log(self, offset: int, limit: int) -> LogChunk:
        return self._workspace.runs.files.read_log(self.run_id, offset, limit)

    def _steps(self, detail: RunDetail) -> list[Callable[[], object]]:
        """Return what makes the page, in parts of which none takes long."""
        return [
            self._make_metrics,
            self._make_log,
            self._make_outputs,
            lambda: self._make_code(detail),
            lambda: self._make_rest(detail),
            lambda: self._lay_out(detail),
        ]

    def _make_metrics(self) -> None:
        self.header = RunHeader(self)
        self.header.hide()
        self.tabs = QTabWidget(self)
        self.tabs.setObjectName("run_tabs")
        # Where the keyboard begins, instead of on the first button of the head.
        self.setFocusProxy(self.tabs.tabBar())
        self.tabs.setDocumentMode(True)
        self.tabs.hide()
        self.metrics = MetricsTab(self._workspace, self._bridge, self.run_id, self.tabs)
        self.tabs.addTab(self.metrics, self.tr("Metrics"))

    def _make_log(self) -> None:
        files, run_id = self._workspace.runs.files, self.run_id
        self.log = LogView(
            self._bridge,
            self._read_log,
            self,
            find_file=lambda: files.log_path(run_id),
            read_notes=lambda known: files.log_notes(run_id, known),
        )
        self.tabs.addTab(self.log, self.tr("Log"))

    def _make_outputs(self) -> None:
        self.outputs = OutputsTab(self._workspace, self._bridge, self.run_id, self.tabs)
        self.tabs.addTab(self.outputs, self.tr("Outputs"))

    def _make_code(self, detail: RunDetail) -> None:
        script, source = detail.summary.script, detail.source_directory
        self.code = CodeTab(self._workspace, self._bridge, self.run_id, script, source, self)
        self.tabs.addTab(self.code, self.tr("Code"))

    def _make_rest(self, detail: RunDetail) -> None:
        space, bridge, run_id = self._workspace, self._bridge, self.run_id
        self.environment = RunEnvironment(space, bridge, detail, self)
        self.machine = MachineTab(space, bridge, run_id, self)
        self.info = RunInfo(space, bridge, run_id, self)
        for widget, title in (
            (self.environment, self.tr("Environment")),
            (self.machine, self.tr("Machine")),
            (self.info, self.tr("Info")),
        ):
            self.tabs.addTab(widget, title)

    def _lay_out(self, detail: RunDetail) -> None:
        # In the turn that listens to it: it begins to read at once.
        self.children_tab = ChildRuns(self._workspace, self._bridge, self.run_id, self)
        self.tabs.addTab(self.children_tab, self.tr("Child runs"))
        self._on_children_count_changed(0)
        if detail.summary.target == SWEEP:
            self._add_sweep()
            # What the script of a run logs and leaves, a sweep's trials log and leave.
            for widget in (self.metrics, self.outputs, self.machine):
                self.tabs.setTabVisible(self.tabs.indexOf(widget), False)
        elif detail.summary.state is RunState.FAILED or not detail.summary.summary:
            self.tabs.setCurrentWidget(self.log)
        # Until a person chooses, the page shows what there is to see: the log, and plots once numbers arrive.
        active = not detail.summary.state.is_terminal()
        self._follows_metrics = active and not detail.summary.summary and detail.summary.target != SWEEP
        self.tabs.tabBarClicked.connect(self._on_tabs_tab_bar_clicked)
        self._layout.addWidget(self.header)
        self._layout.addWidget(self.tabs, 1)
        self._connect()
        # Numbers may have come since the run was read: the page is made in several turns.
        if self._has_numbers:
            self._turn_to_metrics()

    def _add_sweep(self) -> None:
        self.sweep = SweepTab(self._workspace, self._bridge, self.run_id, self)
        self.sweep.register_wanted.connect(self._register_of)
        self.tabs.insertTab(0, self.sweep, self.tr("Sweep"))
        self.tabs.setCurrentIndex(0)

    def _connect(self) -> None:
        header = self.header
        header.rename_wanted.connect(self._rename)
        header.cancel_wanted.connect(self.cancel)
        header.again_wanted.connect(self.run_again)
        header.changes_wanted.connect(lambda: self._bridge.go_to("rerun", self.run_id))
        header.register_wanted.connect(lambda: self.register(self._model_path))
        header.environment_wanted.connect(self._open_environment)
        header.parent_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        header.log_wanted.connect(self._show_end_of_log)
        self.log.text.place_wanted.connect(self._open_place)
        self.outputs.register_wanted.connect(self.register)
        self.info.register_wanted.connect(self.register)
        self.children_tab.count_changed.connect(self._on_children_count_changed)
        self.outputs.files_changed.connect(self._on_outputs_files_changed)
        rename = QShortcut(QKeySequence(Qt.Key.Key_F2), self)
        rename.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.activated.connect(header.begin_rename)

    # Events.

    def _on_model_registered(self, _event: ModelRegistered) -> None:
        self._read()

    def _on_event_happened(self, event: object) -> None:
        if isinstance(event, PreparationProgressed):
            if self.detail is not None:
                words = f"{event.stage}: {event.message}" if event.message else event.stage
                self.header.strip.show_progress(words, event.fraction)
        elif isinstance(event, MetricsLogged):
            self._has_numbers = True
            self._turn_to_metrics()
        else:
            self._read()

    def _turn_to_metrics(self) -> None:
        if self._follows_metrics:
            self._follows_metrics = False
            self.tabs.setCurrentWidget(self.metrics)

    def _on_tabs_tab_bar_clicked(self, index: int) -> None:
        self._follows_metrics = False
        # Who turns to a tab means its keys: Ctrl+F in the log searches the log.
        page = self.tabs.widget(index)
        if page is not None:
            page.setFocus(Qt.FocusReason.MouseFocusReason)

    def _on_children_count_changed(self, count: int) -> None:
        place = self.tabs.indexOf(self.children_tab)
        self.tabs.setTabVisible(place, count > 0)
        self.tabs.setTabText(place, self.tr("Child runs ({0})").format(formats.count(count)))

    def _on_timer_timeout(self) -> None:
        if self.isVisible() and self.detail is not None:
            self.header.tick()
            self._ticks += 1
            # A run that stalls has nothing told of it.
            if self._ticks % _LOOK_AGAIN_TICKS == 0 and self.detail.summary.state is RunState.RUNNING:
                self._read()

    def _on_outputs_files_changed(self, files: tuple[Artifact, ...]) -> None:
        found = [file.path for file in files if PurePosixPath(file.path).suffix.lower() in MODELS]
        path = min(found, key=lambda one: (not one.startswith("outputs/"), one), default="")
        if path != self._model_path and self.detail is not None:
            self._model_path = path
            self.header.show_detail(self.detail, has_model=bool(path))

    # Acts.

    def is_active(self) -> bool:
        """Whether the run has not ended."""
        return self.detail is not None and not self.detail.summary.state.is_terminal()

    def cancel(self) -> None:
        """Ask for the end of the run."""
        call_for(self, self._bridge, lambda: self._workspace.runs.cancel(self.run_id))

    def run_again(self) -> None:
        """Run the run's own code again."""
        run_again(self, self._workspace, self._bridge, self.run_id)

    def register(self, path: str) -> None:
        """Open the dialog that registers an artifact as a model."""
        from desktop_aml.ui.models.register_dialog import RegisterDialog

        RegisterDialog(self._workspace, self._bridge, self.run_id, path, parent=self).open()

    def _register_of(self, run_id: str) -> None:
        """Open the dialog that registers the model of a trial."""
        from desktop_aml.ui.models.register_dialog import RegisterDialog

        RegisterDialog(self._workspace, self._bridge, run_id, "", parent=self).open()

    def show_folder(self) -> None:
        """Show the run's folder in the system's file manager."""
        if self.detail is not None:
            self.outputs.show_folder()

    def _rename(self, name: str) -> None:
        call_for(self, self._bridge, lambda: self._workspace.runs.update(self.run_id, display_name=name))

    def _open_environment(self) -> None:
        assert self.detail is not None
        if self.detail.environment_version is None:
            self.tabs.setCurrentWidget(self.environment)
        else:
            self._bridge.go_to("environment", self.detail.summary.environment)

    def _open_place(self, path: str, line: int) -> None:
        """Show the line of the code that a traceback names; a file from elsewhere opens in the editor."""
        if self.code.show_place(path, line):
            self.tabs.setCurrentWidget(self.code)
        else:
            edit(self, self._bridge, Path(path), line)

    def find_in_page(self) -> bool:
        """Give the keyboard to what finds in the tab in front: the search of the log, the filter of the plots."""
        if self.detail is None:
            return False
        if self.tabs.currentWidget() is self.log:
            self.log.search.open()
        elif self.tabs.currentWidget() is self.metrics and self.metrics.bar.isVisible():
            self.metrics.bar.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            return False
        return True

    def _show_end_of_log(self) -> None:
        self.tabs.setCurrentWidget(self.log)
        self.log.jump_to_end()


def _read_build(builds: Builds, name: str, version: int, since: float, offset: int, limit: int) -> LogChunk:
    return builds.read_log(name, version, offset, limit, since=since)


def _read_of(workspace: Workspace, run_id: str) -> tuple[RunDetail, str]:
    """Return a run, and why it waits or that it seems stalled."""
    detail = workspace.runs.get(run_id)
    return detail, workspace.runs.queue.reason(detail)
