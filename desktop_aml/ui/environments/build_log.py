"""What the builds of a version printed, each place under its name: an image that failed hides no other build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_aml.domain.environments import BuildPlace
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_LOOK_MS: Final = 150


class BuildLogView(QPlainTextEdit):
    """Shows the logs of one version, the newest last, and stays at its end while it grows."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown = ("", 0)
        self._reading = LatestReading(self, bridge)
        self._timer = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.setReadOnly(True)
        self.setFont(theme.font("mono"))
        self.setAccessibleName(self.tr("Build log"))

    def look_at(self, name: str, version: int) -> None:
        """Show the logs of a version."""
        self._shown = (name, version)
        self._look()

    def look_soon(self) -> None:
        """Look whether the logs grew; asked often, it looks now and then."""
        if not self._timer.isActive():
            self._timer.start()

    def _look(self) -> None:
        name, version = self._shown
        if name:
            self._reading.ask(lambda: self._workspace.environments.builds.logs(name, version), self._show)

    def _show(self, logs: tuple[tuple[BuildPlace, str], ...]) -> None:
        places = {BuildPlace.LOCAL: self.tr("This computer"), BuildPlace.IMAGE: self.tr("Image of Docker")}
        parts = [text if len(logs) == 1 else f"── {places[place]} ──\n{text}" for place, text in logs]
        text = "\n".join(parts)
        if text != self.toPlainText():
            self.setPlainText(text)
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
