"""The status bar: the engine's state, what runs and waits, the size of the workspace, the bell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStatusBar, QWidget

from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.shell.messages import MessageBell, MessageCenter
from desktop_aml.ui.widgets.widgets import IconLabel

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event
    from desktop_aml.domain.runs import RunState
    from desktop_aml.domain.targets import RunTarget
    from desktop_aml.ui.session.docker_watch import DockerWatch
    from desktop_aml.ui.session.session import Session

_COUNTS_DELAY_MS = 250
_SIZE_EVERY_MS = 60_000


class EngineLight(QWidget):
    """Icon and words of the engine's state; the tooltip says what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("clock", 16, "secondary")
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(self._icon)
        row.addWidget(self._words)
        self.show_state("")

    def show_state(self, state: str, message: str = "", hint: str = "") -> None:
        """Show ``"ready"``, ``"stopped"``, ``"untrusted"``, ``"fault"`` or, while nothing was heard, ``""``."""
        icon, role, words = {
            "ready": ("check-circle", "completed", self.tr("Engine ready")),
            "stopped": ("stopped", "queued", self.tr("Engine stopped")),
            "untrusted": ("warning", "warning", self.tr("Nothing runs: not trusted")),
            "fault": ("warning", "failed", self.tr("Engine has a problem")),
        }.get(state, ("clock", "secondary", self.tr("Engine starting")))
        self._icon.set_icon(icon, role)
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setToolTip("\n".join(part for part in (message, hint) if part))

    def text(self) -> str:
        """Return the words shown."""
        return self._words.text()


class DockerLight(QPushButton):
    """Whether Docker can be used. Pressed while it cannot, it says why and what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("quiet", True)
        self._target: RunTarget | None = None
        self.hide()

    def show_targets(self, found: tuple[RunTarget, ...]) -> None:
        """Show what was found."""
        target = self._target = next((target for target in found if target.name == "docker"), self._target)
        is_on = target is None or target.is_available
        self.setText(self.tr("Docker ready") if is_on else self.tr("Docker: off (why?)"))
        icons.set_icon(self, "container", "completed" if is_on else "secondary")
        self.setToolTip("\n".join(filter(None, (target.reason, target.hint))) if target is not None else "")
        self.show()

    def explain(self, bridge: Bridge) -> None:
        """Say why Docker is off."""
        if self._target is not None and not self._target.is_available:
            bridge.tell(self._target.reason, "info", self._target.hint)


class StatusBar(QStatusBar):
    """What a person wants to know at a glance."""

    def __init__(self, center: MessageCenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_bar")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(theme.SPACE_S, 0, 0, 0)
        self.engine = EngineLight()
        self.counts = self._label()
        self.size_label = self._label()
        self.addWidget(self.engine)
        self.addWidget(self.counts)
        self.docker = DockerLight()
        self.docker.clicked.connect(self._on_docker_clicked)
        self.addWidget(self.docker)
        self.addPermanentWidget(self.size_label)
        self.addPermanentWidget(MessageBell(center))
        self._session: Session | None = None
        self._counts_timer = QTimer(self, singleShot=True, interval=_COUNTS_DELAY_MS)
        self._counts_timer.timeout.connect(self._count)
        self._size_timer = QTimer(self, interval=_SIZE_EVERY_MS)
        self._size_timer.timeout.connect(self._measure)
        self._docker_watch: DockerWatch | None = None
        self.set_session(None)

    def _label(self) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", "secondary")
        label.setContentsMargins(theme.SPACE_M, 0, 0, 0)
        return label

    def set_session(self, session: Session | None) -> None:
        """Show the state of another workspace, or of none."""
        self._session = session
        for widget in (self.engine, self.counts, self.size_label):
            widget.setVisible(session is not None)
        self.docker.hide()
        if self._docker_watch is not None:
            self._docker_watch.deleteLater()
            self._docker_watch = None
        if session is None:
            self._size_timer.stop()
            return
        session.bridge.targets_seen.connect(self.docker.show_targets)
        from desktop_aml.ui.session.docker_watch import DockerWatch

        self._docker_watch = DockerWatch(session.workspace, session.bridge, self)
        self.engine.show_state("")
        self._counting = LatestReading(self, session.bridge)
        from desktop_aml.domain.events import EngineChanged, RunDeleted, RunMoved, RunSubmitted

        session.bridge.listen(self._on_event_happened, EngineChanged, RunMoved, RunSubmitted, RunDeleted)
        self._size_timer.start()
        self._count()
        self._measure()

    def _on_event_happened(self, event: Event) -> None:
        from desktop_aml.domain.events import EngineChanged

        if isinstance(event, EngineChanged):
            self.engine.show_state(event.state, event.message, event.hint)
        elif not self._counts_timer.isActive():
            self._counts_timer.start()

    def _count(self) -> None:
        if self._session is not None:
            self._counting.ask(self._session.workspace.runs.state_counts, self._show_counts)

    def _show_counts(self, counts: dict[RunState, int]) -> None:
        running = sum(number for state, number in counts.items() if state.is_active())
        from desktop_aml.domain.runs import RunState

        queued = counts.get(RunState.QUEUED, 0)
        words = self.tr("{0} running, {1} queued").format(formats.count(running), formats.count(queued))
        self.counts.setText(words if running or queued else self.tr("Nothing is running"))

    def _measure(self) -> None:
        if self._session is not None:
            call_for(self, self._session.bridge, self._session.workspace.disk_usage, self._show_size)

    def _on_docker_clicked(self) -> None:
        if self._session is not None and self._docker_watch is not None:
            self.docker.explain(self._session.bridge)
            self._docker_watch.look()

    def _show_size(self, size_bytes: int) -> None:
        self.size_label.setText(self.tr("Workspace {0}").format(formats.size(size_bytes)))
