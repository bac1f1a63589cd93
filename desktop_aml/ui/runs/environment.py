"""What a run used: its exact packages, and how they differ from those of another run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from desktop_aml.domain.environments import EnvironmentLock
from desktop_aml.domain.runs import RunDetail, RunQuery, RunSummary
from desktop_aml.ui.environments.lock_compare import LockCompareView
from desktop_aml.ui.environments.lock_table import LockTable
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.widgets import Hairline

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_RUNS: Final = 50
"""How many runs of the experiment are offered, the newest first."""


class RunEnvironment(QWidget):
    """The tab of a run's environment."""

    def __init__(self, workspace: Workspace, bridge: Bridge, detail: RunDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._summary = detail.summary
        self.lock = LockTable(self)
        self.lock.failed.connect(bridge.tell_error)
        self.comparison = LockCompareView(workspace, bridge, self)
        self.compare_button = QToolButton(self)
        self.compare_button.setText(self.tr("Compare with another run"))
        self.compare_button.setCheckable(True)
        self.compare_button.setFixedHeight(theme.FIELD_HEIGHT)
        self.compare_button.toggled.connect(self._on_compare_button_toggled)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.lock)
        self.stack.addWidget(self.comparison)
        self.bar = QWidget(self)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_S)
        row.addStretch(1)
        row.addWidget(self.compare_button)
        self.bar.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(Hairline(self))
        layout.addWidget(self.stack, 1)

    def refresh(self) -> None:
        """Read the packages again."""
        run_id = self._summary.id
        call_for(self, self._bridge, lambda: self._workspace.runs.lock(run_id), self._show_lock)

    def _show_lock(self, lock: EnvironmentLock | None) -> None:
        self.lock.show_lock(lock, self._summary.environment)
        self.bar.setVisible(lock is not None)

    def _on_compare_button_toggled(self, on: bool) -> None:
        self.stack.setCurrentIndex(int(on))
        if on:
            query = RunQuery(experiment=self._summary.experiment)
            call_for(self, self._bridge, lambda: self._workspace.runs.list(query, limit=_RUNS), self._show_runs)

    def _show_runs(self, found: tuple[RunSummary, ...]) -> None:
        others = [run for run in found if run.id != self._summary.id]
        words = self.tr("{0}, {1}, {2}")
        choices = [
            (words.format(run.display_name, run.environment, formats.relative_time(run.created_at)), run.id)
            for run in others
        ]
        nothing = self.tr("The experiment “{0}” has no other run yet.").format(self._summary.experiment)
        self.comparison.show_sides(self._summary.id, choices, nothing)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read the packages when they are seen."""
        super().showEvent(event)
        self.refresh()
