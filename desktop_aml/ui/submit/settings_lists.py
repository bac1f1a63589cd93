"""Keeps what the run's settings offer as the workspace has it: its environments and its experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_aml.domain.environments import EnvironmentSummary
from desktop_aml.domain.events import BuildProgressed, EnvironmentOrganised, EnvironmentRegistered, RunSubmitted
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading
from desktop_aml.ui.submit.run_settings import RunSettings

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class SettingsLists(QObject):
    """Reads at the beginning, and whenever something of it happened."""

    changed = Signal()
    """The environments were listed anew."""

    def __init__(self, workspace: Workspace, bridge: Bridge, settings: RunSettings) -> None:
        super().__init__(settings)
        self._workspace, self._bridge, self._settings = workspace, bridge, settings
        self._reading_environments = LatestReading(self, bridge)
        self._reading_experiments = LatestReading(self, bridge)
        bridge.listen(
            self._on_event_happened, EnvironmentRegistered, EnvironmentOrganised, BuildProgressed, RunSubmitted
        )
        self.list_environments()
        self._list_experiments()

    def _list_experiments(self) -> None:
        self._reading_experiments.ask(self._workspace.experiments.list, self._settings.list_experiments)

    def list_environments(self) -> None:
        """Offer the environments that there are now."""
        self._reading_environments.ask(self._workspace.environments.list, self._show_environments)

    def _show_environments(self, found: tuple[EnvironmentSummary, ...]) -> None:
        self._settings.list_environments((one.name for one in found), {one.name: one.kind for one in found})
        self.changed.emit()

    def _on_event_happened(self, event: object) -> None:
        if isinstance(event, EnvironmentRegistered | EnvironmentOrganised | BuildProgressed):
            self.list_environments()
        else:
            self._list_experiments()
