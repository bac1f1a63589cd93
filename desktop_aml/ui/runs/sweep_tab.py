"""A sweep on the page of its run: how far it is, the best value so far, its trials, and what can be done with it.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidName, NotFound
from desktop_aml.domain.events import MetricsLogged, RunDeleted, RunMoved, RunSubmitted, RunUpdated
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.sweeps.records import Sweep, Trial, Wanted
from desktop_aml.domain.sweeps.space import Variation, columns_of
from desktop_aml.domain.sweeps.standings import Standings, standings_of
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.runs.extend_dialog import ExtendDialog
from desktop_aml.ui.runs.tuning.acts_bar import ActsBar
from desktop_aml.ui.runs.tuning.settings_part import SettingsPart
from desktop_aml.ui.runs.tuning.sweep_plots import SweepPlots
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import PrimaryButton, SecondaryLabel, state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 400
_PLOT_HEIGHT: Final = 152
"""Lower than plots are elsewhere: what the trials came to is in the table below."""

_VIEWS_HEIGHT: Final = 352
"""Of the trials, or a plot, with the tabs above."""

_BEST_MARK: Final = "★"


class SweepTab(QWidget):
    """Everything about one sweep, live."""

    register_wanted = Signal(str)
    """Run of the best trial."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self.sweep: Sweep | None = None
        self.standings: Standings | None = None
        self._is_stale = self._is_acting = self._is_made = False
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Trials that have ended"))
        self.words = SecondaryLabel("", self)
        self.remark = SecondaryLabel("", self)
        self.pause_button = self._button("stop", self.tr("Pause"), self._on_pause_clicked)
        self.extend_button = self._button("plus", self.tr("Extend…"), self._on_extend_clicked)
        self.register_button = PrimaryButton(self.tr("Register the best model"), self, icon="model")
        self.register_button.clicked.connect(self._on_register_clicked)
        self.acts = ActsBar(self)
        self.acts.repeat_wanted.connect(self._repeat_best)
        self.acts.narrow_wanted.connect(lambda: self._act(lambda: self._workspace.sweeps.narrow(self._run_id)))
        self.plot = MetricPlot(CurveData(""), 0, self)
        self.plot.setFixedHeight(_PLOT_HEIGHT)
        self.plot.size_button.hide()
        self.views = QTabWidget(self)
        self.views.setDocumentMode(True)
        self.plots: SweepPlots | None = None
        self.table: ListTable | None = None
        self.settings: SettingsPart | None = None
        self._lay_out()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, RunSubmitted, RunMoved, RunUpdated, MetricsLogged, RunDeleted)
        self.refresh()

    def _button(self, icon: str, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text.rstrip("…"))
        icons.set_icon(button, icon, "secondary")
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (self.pause_button, self.extend_button, self.register_button):
            button.setEnabled(False)
            buttons.addWidget(button)
        buttons.insertStretch(buttons.indexOf(self.register_button), 1)
        trials = QWidget(self.views)
        self._trials_layout = QVBoxLayout(trials)
        self._trials_layout.setContentsMargins(0, theme.SPACE_S, 0, 0)
        self._trials_layout.setSpacing(theme.SPACE_S)
        self.views.addTab(trials, self.tr("Trials"))
        # In a low window nothing is squeezed until it cannot be read: it is scrolled to.
        body, area = QWidget(self), QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.words)
        column.addWidget(self.progress)
        column.addLayout(buttons)
        column.addWidget(self.acts)
        column.addWidget(self.remark)
        column.addWidget(self.views, 1)
        self.views.setMinimumHeight(_VIEWS_HEIGHT)
        self._trials_layout.addWidget(self.plot)
        self.remark.hide()

    def refresh(self) -> None:
        """Read the sweep again."""
        self._is_stale = False

        def read() -> tuple[Sweep, Standings | None]:
            sweep = self._workspace.sweeps.get(self._run_id)
            return sweep, standings_of(sweep)

        self._reading.ask(read, self._show, lambda _: None)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read what happened while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def _best(self) -> Trial | None:
        if self.standings is not None:
            return self.standings.best()
        return self.sweep.best() if self.sweep is not None else None

    def _show(self, found: tuple[Sweep, Standings | None]) -> None:
        self._newest = found
        if self.plots is None or self.table is None:
            if not self._is_made:
                self._is_made = True
                in_turns(self, self._bridge, [*self._parts(found[0]), lambda: self._show(self._newest)])
            return
        sweep, self.standings = found
        self.sweep = sweep
        active = not sweep.state.is_terminal()
        is_paused = sweep.wanted is Wanted.PAUSED
        self.progress.setRange(0, max(1, sweep.total))
        self.progress.setValue(sweep.over())
        self.words.setText(self._words(sweep))
        self.remark.setText(sweep.explanation())
        self.remark.setVisible(bool(sweep.explanation()))
        self.pause_button.setText(self.tr("Resume") if is_paused else self.tr("Pause"))
        icons.set_icon(self.pause_button, "start" if is_paused else "stop", "secondary")
        self.pause_button.setEnabled(active)
        self.pause_button.setVisible(active)
        self.extend_button.setEnabled(True)
        best = self._best()
        self._show_settings(sweep)
        self.register_button.setEnabled(best is not None and not self._is_acting)
        self.acts.set_ready(best is not None and not self._is_acting)
        self._draw(sweep)
        self.table.fill((trial.run_id, self._cells(sweep, trial, best)) for trial in sweep.trials)
        self.plots.show_sweep(sweep, best)

    def _show_settings(self, sweep: Sweep) -> None:
        """Show the settings by themselves, where seeds repeat them."""
        if self.standings is None:
            return
        if self.settings is None:
            self.settings = SettingsPart(self.tr("Mean {0}").format(sweep.spec.metric), self)
            self.settings.table.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
            self.settings.more_wanted.connect(self._repeat)
            self._trials_layout.insertWidget(self._trials_layout.count() - 1, self.settings)
        self.settings.show_standings(self.standings)

    def _words(self, sweep: Sweep) -> str:
        parts = [self.tr("{0} of {1} trials").format(formats.count(sweep.over()), formats.count(sweep.total))]
        best = self._best()
        if best is not None:
            found = formats.number4(best.best)
            parts.append(self.tr("best {0}: {1} (trial {2})").format(sweep.spec.metric, found, best.number))
        left = sweep.time_left_s(time.time())
        if sweep.wanted is Wanted.PAUSED and not sweep.state.is_terminal():
            parts.append(self.tr("paused"))
        elif left is not None:
            parts.append(self.tr("{0} left").format(formats.duration(left)))
        return "  ·  ".join(parts)

    def _parts(self, sweep: Sweep) -> list[Callable[[], object]]:
        """Return what makes the parts that need to know the arguments, each short enough for one turn."""
        plots = SweepPlots(self._workspace, self._bridge, sweep.spec.metric, self.views)

        def end() -> None:
            self.plots = plots

        return [lambda: self._make_table(sweep), self.plot.build, *plots.parts(), end]

    def _make_table(self, sweep: Sweep) -> None:
        names = [name.lstrip("-") for name in columns_of(sweep.spec.space)]
        titles = (self.tr("Trial"), *names, sweep.spec.metric, self.tr("State"), self.tr("Duration"))
        numbers = range(1, len(names) + 2)
        self.table = ListTable(titles, self.tr("Trials"), self, numbers=(*numbers, len(titles) - 1))
        for column in range(1, len(titles)):
            self.table.setColumnWidth(column, 104)
        self.table.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self._trials_layout.addWidget(self.table, 1)

    def _draw(self, sweep: Sweep) -> None:
        curve = CurveData(self.tr("Best {0} so far").format(sweep.spec.metric))
        found = enumerate(sweep.best_so_far())
        curve.extend(Point(index, value, count, 0.0) for index, (count, value) in found)
        self.plot.name_label.setText(curve.name)
        self.plot.set_curve(curve)
        if self.plot.canvas is not None:
            self.plot.canvas.setLabel("bottom", self.tr("Trials that have ended"))
        self.plot.setVisible(len(curve) > 0)

    def _cells(self, sweep: Sweep, trial: Trial, best: Trial | None) -> tuple[Cell, ...]:
        mark = f" {_BEST_MARK}" if best is not None and best.number == trial.number else ""
        name = Cell(f"{trial.number}{mark}", trial.number, tip=trial.display_name or trial.run_id)
        values = dict(trial.values)
        given = (self._value(values.get(name)) for name in columns_of(sweep.spec.space))
        state = state_word(trial.state) if trial.state else self.tr("Deleted")
        why = str(trial.stopped) if trial.stopped else trial.error
        seconds = trial.duration_s(time.time())
        return (
            name,
            *given,
            Cell.of_number(trial.best),
            Cell(state, tip=why or state, icon=icons.state_icon(trial.state) if trial.state else None),
            Cell(formats.duration(seconds), seconds or 0.0),
        )

    @staticmethod
    def _value(value: object) -> Cell:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Cell.of_number(value)
        return Cell("" if value is None else str(value), value)

    # Acts.

    def _act(self, act: Callable[[], object], done: Callable[[object], None] = lambda _: None) -> None:
        """Carry out an act; until that is done, a second click is none."""
        self._is_acting = True
        self.acts.set_ready(False)
        self.register_button.setEnabled(False)

        def over(result: object) -> None:
            self._is_acting = False
            done(result)
            self.refresh()

        def failed(error: DesktopAMLError) -> None:
            self._is_acting = False
            self._bridge.tell_error(error)
            self.refresh()

        call_for(self, self._bridge, act, over, failed)

    def _repeat_best(self, runs: int) -> None:
        self._repeat((), runs)

    def _repeat(self, trials: Sequence[int], runs: int) -> None:
        self._act(lambda: self._workspace.sweeps.repeat(self._run_id, trials, runs=runs))

    def _on_pause_clicked(self) -> None:
        sweeps, run_id = self._workspace.sweeps, self._run_id
        is_paused = self.sweep is not None and self.sweep.wanted is Wanted.PAUSED
        self._act((lambda: sweeps.resume(run_id)) if is_paused else (lambda: sweeps.pause(run_id)))

    def _on_extend_clicked(self) -> None:
        if self.sweep is not None:
            dialog = ExtendDialog(self.sweep, self)
            dialog.extend_wanted.connect(self._extend)
            dialog.open()

    def _extend(self, trials: int, at_once: int, space: Sequence[Variation]) -> None:
        sweeps, run_id = self._workspace.sweeps, self._run_id
        self._act(lambda: sweeps.extend(run_id, trials=trials, concurrent=at_once, space=space))

    def _on_register_clicked(self) -> None:
        """Register the one model of the best trial; where there is none, or several, ask which."""

        def register() -> ModelVersion | None:
            try:
                return self._workspace.sweeps.register_best(self._run_id)
            except (NotFound, Conflict, InvalidName):
                return None

        self._act(register, self._registered)

    def _registered(self, model: object) -> None:
        best = self._best()
        if isinstance(model, ModelVersion):
            words = self.tr("The best model is registered as {0}.").format(model.label)
            self._bridge.tell(words, action=(self.tr("Open"), lambda: self._bridge.go_to("model", model.label)))
        elif best is not None:
            self.register_wanted.emit(best.run_id)

    def _on_event_happened(self, event: RunSubmitted | RunMoved | RunUpdated | MetricsLogged | RunDeleted) -> None:
        if not event.run_id.startswith(self._run_id):
            return
        if not self.isVisible():
            # A sweep of thousands of trials is not read over and over for nobody.
            self._is_stale = True
        elif not self._timer.isActive():
            self._timer.start()
