"""One open workspace in the window: the façade, the bridge that panes are given, and the engine's thread."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_aml.domain.events import EngineChanged
from desktop_aml.sdk import answers_of
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.engine_thread import EngineThread

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_log = logging.getLogger(__name__)


class Session(QObject):
    """Ties a workspace to the window for as long as it is open."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.is_trusted = False
        self.bridge = Bridge(self)
        self.engine = EngineThread(partial(workspace.host_engine, answer=answers_of(workspace)), self)
        self.engine.event_happened.connect(self.bridge.event_happened)

    def start(self) -> None:
        """Start the engine, where anything may run. Panes must be listening already, or they miss its first words."""
        found = self.workspace.verdict()
        self.is_trusted = found.is_trusted
        if self.is_trusted:
            self.engine.start()
        else:
            hint = self.tr("To let it run: File, Trust workspace") if found.can_be_trusted else ""
            self.bridge.event_happened.emit(EngineChanged("untrusted", found.obstacle, hint))

    def close(self) -> None:
        """Let go of the workspace. Runs and endpoints go on; a headless engine takes over what waits."""
        self.engine.event_happened.disconnect(self.bridge.event_happened)
        self.bridge.close()
        self.engine.stop()
        self.workspace.close()
