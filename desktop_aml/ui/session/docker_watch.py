"""Looks at Docker at every failure, when a person comes back to the window, and now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import BuildProgressed, EndpointChanged, RunMoved
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.targets import RunTarget
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.session.calls import call_for

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

FIRST_LOOK_MS: Final = 1500
"""After the first paint: the way to Docker is a library that takes a moment to load."""

_QUICK_S: Final = 0.5
_OFTEN_MS: Final = 20_000
_SELDOM_MS: Final = 120_000
"""Where the answer took long: the engine is far away, or slow."""

_SOON_MS: Final = 300
_ENDED_BADLY: Final = (BuildState.FAILED, BuildState.CANCELED)
_UNWELL: Final = (EndpointState.FAILED, EndpointState.UNHEALTHY)


class DockerWatch(QObject):
    """Tells of Docker through `Bridge.targets_seen`, and asks off the GUI thread, one question at a time."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._asked_at: float | None = None
        self._wants_more = False
        self._timer = QTimer(self, singleShot=True, interval=FIRST_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        bridge.listen(self._on_event_happened, RunMoved, BuildProgressed, EndpointChanged)
        bridge.message_raised.connect(self._on_message_raised)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._on_application_state_changed)

    def look(self) -> None:
        """Ask now; where a question is under way, ask once more after it."""
        if self._asked_at is not None:
            self._wants_more = True
            return
        self._asked_at = time.monotonic()
        self._wants_more = False
        call_for(self, self._bridge, self._workspace.computes.targets, self._on_answered, self._on_failed)

    def _on_answered(self, found: tuple[RunTarget, ...]) -> None:
        took_s = time.monotonic() - (self._asked_at or 0.0)
        self._asked_at = None
        self._bridge.targets_seen.emit(found)
        self._look_in(_SOON_MS if self._wants_more else _OFTEN_MS if took_s < _QUICK_S else _SELDOM_MS)

    def _on_failed(self, _error: DesktopAMLError) -> None:
        # Whoever uses Docker is told what is wrong; here it is looked at again.
        self._asked_at = None
        self._look_in(_SELDOM_MS)

    def _look_in(self, wait_ms: int) -> None:
        self._timer.start(wait_ms)

    def _look_soon(self) -> None:
        # Several things fail together: one look will do.
        if self._asked_at is not None:
            self._wants_more = True
        elif not 0 <= self._timer.remainingTime() <= _SOON_MS:
            self._look_in(_SOON_MS)

    def _on_event_happened(self, event: object) -> None:
        is_failure = (
            (isinstance(event, RunMoved) and event.state is RunState.FAILED)
            or (isinstance(event, BuildProgressed) and (event.state in _ENDED_BADLY or _is_unexplained(event)))
            or (isinstance(event, EndpointChanged) and event.state in _UNWELL)
        )
        if is_failure:
            self._look_soon()

    def _on_message_raised(self, message: Message) -> None:
        if message.severity == "error":
            self._look_soon()

    def _on_application_state_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._look_soon()


def _is_unexplained(event: BuildProgressed) -> bool:
    """Whether a build ended for a reason that is not the environment's."""
    return event.state in (BuildState.NOT_BUILT, BuildState.IMAGE) and bool(event.message)
