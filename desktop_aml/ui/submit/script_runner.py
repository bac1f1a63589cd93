"""The right pane: a script goes in, its arguments become a form, Run submits it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_aml.domain.environments import THIS_PYTHON
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.names import experiment_name_of
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.domain.sweeps.space import new_seed, space_of
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.again.running_again import Answers, run_again
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.file_watch import FileWatch
from desktop_aml.ui.session.script_finding import scripts_of
from desktop_aml.ui.submit.argument_form import ArgumentForm
from desktop_aml.ui.submit.drop_zone import DropZone
from desktop_aml.ui.submit.earlier_runs import Earlier, list_metrics, look_back
from desktop_aml.ui.submit.fetch_hint import FetchHint
from desktop_aml.ui.submit.folder_environment import FolderEnvironment
from desktop_aml.ui.submit.presets import show_presets
from desktop_aml.ui.submit.run_on_save import RunOnSave, side_by_side
from desktop_aml.ui.submit.run_settings import RunSettings
from desktop_aml.ui.submit.runner_memory import Recent, RunnerMemory
from desktop_aml.ui.submit.script_choosing import ask_for_folder, ask_for_script
from desktop_aml.ui.submit.script_head import ScriptHead
from desktop_aml.ui.submit.script_reading import Reading, files_to_watch, read_script
from desktop_aml.ui.submit.settings_lists import SettingsLists
from desktop_aml.ui.submit.snapshot_preview import SnapshotLine
from desktop_aml.ui.submit.sweep_settings import SweepSettings
from desktop_aml.ui.submit.what_runs import WhatRuns
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.drop import act_on
from desktop_aml.ui.widgets.target_field import look_at_targets
from desktop_aml.ui.widgets.widgets import Hairline, Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import SnapshotPreview, Workspace


class ScriptRunner(QWidget):
    """Chooses a script, its arguments, environment and experiment, and runs it."""

    ready_changed = Signal()

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("script_runner")
        self._workspace = workspace
        self._bridge = bridge
        self._script: Path | None = None
        self._source: Path | None = None
        self._run: RunDetail | None = None
        self._busy = False
        self._remembered: dict[Path, tuple[tuple[str, ...], str]] = {}
        self._memory = RunnerMemory(workspace.path)
        self._watch = FileWatch(bridge, self)
        self._watch.changed.connect(self._read_again)
        self._build()
        self._beside = FolderEnvironment(workspace, bridge, self.settings)
        # Whatever is chosen, and each new text of a followed file.
        self._beside.changed.connect(FetchHint(workspace, bridge, self.settings).look)
        self._connect()
        self.lists = SettingsLists(workspace, bridge, self.settings)
        self.lists.changed.connect(self._check)
        self.settings.capture.setChecked(workspace.captures())
        self._check()

    # Building.

    def _build(self) -> None:
        self.zone = DropZone(self)
        self.head = ScriptHead(self._bridge, self._memory.recent, self)
        self.scripts = ChoiceField(self)
        self.scripts.setAccessibleName(self.tr("Script"))
        self.form = ArgumentForm(self)
        self.sweep = SweepSettings(self)
        self.settings = RunSettings(self)
        self.snapshot = SnapshotLine(self)
        self.run_button = PrimaryButton(self.tr("Run"), self, icon="run")
        self.run_button.setMinimumHeight(theme.PRIMARY_HEIGHT)
        self.reason = SecondaryLabel("", self, small=True)
        self.body = QWidget(self)
        self._lay_out_body()
        scroll = self._scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.body)
        scroll.verticalScrollBar().rangeChanged.connect(self._on_scroll_range_changed)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        foot.setSpacing(theme.SPACE_S)
        self.what_runs = WhatRuns(self)
        self.on_save = RunOnSave(self._bridge, self.can_run, self.start_run, self)
        run = side_by_side(self.run_button, self.on_save)
        # The button last, so that it stays under the mouse whatever is said.
        for widget in (self.what_runs, self.snapshot, self.settings.fetch_note, self.reason, run):
            foot.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(Hairline(self))
        layout.addLayout(foot)

    def _lay_out_body(self) -> None:
        self.details = QWidget(self.body)
        inner = QVBoxLayout(self.details)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.SPACE_M)
        for part in (self.head, self.scripts, self.form, self.sweep):
            inner.addWidget(part)
        inner.addSpacing(theme.SPACE_S)
        inner.addWidget(Heading(self.tr("Where it runs"), 2, self.details))
        inner.addWidget(self.settings)
        column = self._column = QVBoxLayout(self.body)
        self._on_scroll_range_changed(0, 0)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(self.zone)
        column.addWidget(self.details)
        column.addStretch(1)

    def _on_scroll_range_changed(self, _first: int, last: int) -> None:
        # The scroll bar is as wide as the margin: fields keep their right edge when it comes and goes.
        right = 0 if last else theme.SPACE_M
        self._column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, right, theme.SPACE_M)

    def _connect(self) -> None:
        self.zone.dropped.connect(lambda drop: act_on(drop, self._bridge))
        self.zone.browse_wanted.connect(lambda: self.head.show_choices_below(self.zone))
        self.head.script_wanted.connect(self.choose_script)
        self.head.folder_wanted.connect(self.choose_folder)
        self.head.recent_wanted.connect(self._show_recent)
        self.form.preset_menu_wanted.connect(self._show_presets)
        self.what_runs.settings_wanted.connect(lambda: self._scroll.ensureWidgetVisible(self.settings))
        self.scripts.activated.connect(self._on_scripts_activated)
        self._beside.changed.connect(self._check)
        self.form.changed.connect(self._check)
        self.sweep.changed.connect(self._check)
        ask = partial(list_metrics, self, self._workspace, self._bridge, self.sweep.list_metrics)
        self.sweep.metrics_wanted.connect(lambda: ask(self._script, self._source))
        self.settings.changed.connect(self._check)
        self.settings.target.look_wanted.connect(lambda: look_at_targets(self, self._workspace, self._bridge))
        self._bridge.targets_seen.connect(self.settings.target.show_targets)
        self.run_button.clicked.connect(self.start_run)

    # Choosing.

    def restore(self) -> None:
        """Show the script that was here when the workspace was last closed."""
        found = self._memory.recent()
        if found and self._script is None and self._run is None:
            self._show_recent(found[0])

    def _show_recent(self, one: Recent) -> None:
        script, source = Path(one.script), Path(one.source)
        self._remembered.setdefault(script, (one.words, one.environment))
        if not script.is_relative_to(source):
            return
        self.scripts.set_choices([(script.relative_to(source).as_posix(), script)])
        self._take(script, source)

    def _show_presets(self) -> None:
        if self._script is not None:
            show_presets(self._memory, str(self._script), self.form, self._bridge)

    def choose_script(self) -> None:
        """Ask for a script."""
        ask_for_script(self, self._source, self.load_script)

    def choose_folder(self) -> None:
        """Ask for the folder that holds the script and everything it needs."""
        ask_for_folder(self, self._source, self.load_script)

    def load_script(self, path: Path) -> None:
        """Fill the pane from a script, or from a folder with scripts."""
        source = path if path.is_dir() else path.parent
        found = scripts_of(path) if path.is_dir() else [path]
        if not found:
            self._bridge.tell(self.tr("There is no script in {0}.").format(path), "warning")
            return
        self.scripts.set_choices((one.relative_to(source).as_posix(), one) for one in found)
        self.scripts.set_value(found[0])
        self._take(found[0], source)

    def _on_scripts_activated(self, _index: int) -> None:
        script = self.scripts.value()
        if isinstance(script, Path) and self._source is not None:
            self._take(script, self._source)

    def _take(self, script: Path, source: Path) -> None:
        """Show another script: nothing of the one before stays in the form."""
        self.keep()
        self._run, self._script, self._source = None, script, source
        self._beside.forget()
        self.scripts.setVisible(self.scripts.count() > 1)
        self._watch.watch(files_to_watch(script, source))
        self.on_save.follow(possible=True)
        self.form.clear()
        self.settings.keep_as_it_was(False)
        self.settings.experiment.setText(experiment_name_of(source.name))
        self.settings.limit.setValue(0)
        self.settings.name.clear()
        self._read_again(is_new=True)

    def keep(self) -> None:
        """Remember what is filled in."""
        # Until the script was read the form is not its own.
        if self._script is not None and self.head.script == self._script:
            # The environment of the file beside the script is found anew: the file may be another one by then.
            environment = "" if self._beside.is_followed() else self.settings.chosen_environment()
            self._remembered[self._script] = (self.form.argv(), environment)
            self._memory.remember(Recent(str(self._script), str(self._source), self.form.argv(), environment))

    def load_run(self, run_id: str) -> None:
        """Fill the pane from an old run: its own code, to run again with changes."""
        call_for(self, self._bridge, lambda: self._read_run(run_id), self._show_run)

    def _read_run(self, run_id: str) -> tuple[RunDetail, Reading]:
        detail = self._workspace.runs.get(run_id)
        script = self._workspace.runs.code.path(run_id, detail.summary.script)
        return detail, read_script(script)

    def _show_run(self, found: tuple[RunDetail, Reading]) -> None:
        detail, reading = found
        self.keep()
        self._run, self._script, self._source = detail, None, None
        self.scripts.hide()
        summary = detail.summary
        self.head.show_script(summary.script, self.tr("Code of {0}").format(summary.display_name), None)
        self.form.clear()
        self.form.show_arguments(reading.arguments)
        self.form.set_argv(detail.arguments)
        self.settings.choose_environment(summary.environment)
        self.settings.experiment.setText(summary.experiment)
        self.settings.target.set_value(summary.target)
        self.settings.limit.setValue(int(detail.timeout_s or 0))
        self.settings.name.clear()
        self.settings.keep_as_it_was(True)
        self.snapshot.show_preview(None, self.tr("The run's own copy of the code is used."))
        self._watch.watch(())
        self.on_save.follow(possible=False)
        self._beside.forget()
        self._check()

    def _read_again(self, *, is_new: bool = False) -> None:
        script, source = self._script, self._source
        if script is None or source is None:
            return
        name = script.relative_to(source).as_posix()

        def read() -> tuple[Reading, Earlier]:
            return read_script(script, source), look_back(self._workspace, name, source) if is_new else Earlier()

        def show(found: tuple[Reading, Earlier]) -> None:
            # Another script may have been chosen while this one was read.
            if script == self._script:
                reading, earlier = found
                words = self._remembered[script][0] if script in self._remembered and is_new else earlier.arguments
                if is_new:
                    self.sweep.list_metrics(earlier.metrics)
                self._show_reading(reading, words, is_new=is_new)

        def show_preview(preview: SnapshotPreview) -> None:
            if source == self._source:
                self.snapshot.show_preview(preview)

        call_for(self, self._bridge, read, show, self._show_problem)
        look = self._workspace.runs.code.preview
        call_for(self, self._bridge, lambda: look(source), show_preview, self._show_no_preview)

    def _show_reading(self, reading: Reading, words: tuple[str, ...] | None, *, is_new: bool) -> None:
        assert self._script is not None
        self._watch.watch((*files_to_watch(self._script, self._source), *reading.modules))
        self.head.show_script(self._script.name, str(self._source), self._script)
        self.form.show_arguments(reading.arguments)
        if words is not None:
            self.form.set_argv(words)
        self._beside.offer(reading.spec_file)
        chosen = self._remembered[self._script][1] if self._script in self._remembered else ""
        if is_new:
            self.settings.choose_environment(chosen or THIS_PYTHON)
            if not chosen:
                self._beside.use()
        self._check()
        self.on_save.saw(reading)

    def _show_problem(self, error: DesktopAMLError) -> None:
        self.form.show_arguments(ScriptArguments(problems=(error.message,)))
        self._check()

    def _show_no_preview(self, error: DesktopAMLError) -> None:
        self.snapshot.show_preview(None, str(error))

    # Running.

    def can_run(self) -> bool:
        """Whether Run would do something."""
        return not self._problem() and not self._busy

    def _problem(self) -> str:
        if self._script is None and self._run is None:
            return self.tr("Choose a script first.")
        fault = self.settings.fault() or self._beside.fault() or self.form.fault()
        return fault or (self._sweep_fault() if self.form.is_varied() else "")

    def _sweep_fault(self) -> str:
        if self._run is not None:
            return self.tr("Vary the arguments of the script itself, not of an old run's code.")
        return self.sweep.fault(space_of(self.form.varied()))

    def _check(self) -> None:
        problem, chosen = self._problem(), self._script is not None or self._run is not None
        self.details.setVisible(chosen)
        self.snapshot.setVisible(chosen)
        self.what_runs.setVisible(chosen)
        if chosen:
            script = self._script.name if self._script is not None else self.head.title.text()
            target = self.settings.target.choice.currentText()
            self.what_runs.show_run(script, self.form.argv(), self.settings.chosen_environment(), target)
        self.run_button.setEnabled(not problem and not self._busy)
        self.sweep.setVisible(self.form.is_varied())
        self.run_button.setText(self._verb())
        self.reason.setText(problem)
        self.reason.setVisible(bool(problem))
        self.ready_changed.emit()

    def start_run(self) -> None:
        """Submit what the pane holds."""
        if not self.can_run():
            return
        self._busy = True
        self.keep()
        self._check()
        origin = self._run.summary.id if self._run else ""
        then = Answers(self._on_submitted, self._on_submit_failed, self._end_busy)
        run_again(self, self._workspace, self._bridge, origin, self._submission(), then)

    def _submission(self) -> Callable[[], str]:
        space, words = self._workspace, self.form.argv()
        environment, name = self.settings.chosen_environment(), self.settings.name.text().strip()
        if self._run is not None:
            run_id = self._run.summary.id
            return lambda: space.runs.rerun(run_id, arguments=words, environment=environment, display_name=name)
        assert self._script is not None
        assert self._source is not None
        script, source = self._script.relative_to(self._source), self._source
        experiment, limit = self.settings.experiment.text().strip(), self.settings.limit.value() or None
        target, capture = self.settings.target.value(), self.settings.capture.isChecked()
        spec_file, env_vars = self._beside.path_to_use(), self.settings.env_vars()
        sweep = self.sweep.spec(space_of(self.form.varied()), new_seed()) if self.form.is_varied() else None

        def submit() -> str:
            return space.runs.submit(
                script,
                source_directory=source,
                experiment=experiment,
                # What the file says now: it may have been saved a moment ago.
                environment=space.environments.register_file(spec_file).label if spec_file else environment,
                target=target,
                arguments=words,
                display_name=name,
                env_vars=env_vars,
                timeout_s=limit,
                capture=capture,
                sweep=sweep,
            )

        return submit

    def _on_submitted(self, run_id: str) -> None:
        is_of_save = self.on_save.began(run_id)
        self._end_busy()
        self._bridge.go_to("run", run_id, preview=is_of_save)  # the next save's page takes its place

    def _on_submit_failed(self, error: DesktopAMLError) -> None:
        self._end_busy()
        self._bridge.tell_error(error)

    def _end_busy(self) -> None:
        self._busy = False
        self.on_save.could_not_begin()
        self._check()

    def _verb(self) -> str:
        if self._busy:
            return self.tr("Copying the source…")
        return self.tr("Start sweep") if self.form.is_varied() else self.tr("Run")
