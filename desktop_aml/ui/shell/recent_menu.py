"""The recent workspaces as a menu, made anew each time it opens."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from desktop_aml.ui.look import icons
from desktop_aml.ui.session.preferences import Preferences


class RecentMenu(QMenu):
    """Pinned workspaces first, then the newest; one whose folder is gone is shown but cannot be chosen."""

    open_wanted = Signal(str)
    """Path of the workspace that was chosen."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Recent workspaces"))
        self.setToolTipsVisible(True)
        self._preferences = preferences
        self.open_workspace = ""
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the workspaces as the settings have them now."""
        self.clear()
        settings = self._preferences.value
        for recent in settings.recent_workspaces:
            self._add(Path(recent.path), is_open=recent.path == self.open_workspace)
        if self.isEmpty():
            self.addAction(self.tr("None yet")).setEnabled(False)
        self.addSeparator()
        forget = self.addAction(self.tr("Forget missing ones"))
        forget.triggered.connect(self._preferences.forget_missing)

    def _add(self, path: Path, *, is_open: bool) -> None:
        there = (path / "config.json").is_file()
        # An ampersand in a name is no mnemonic.
        action = self.addAction(f"{path.name}  –  {path.parent}".replace("&", "&&"))
        action.setToolTip(str(path) if there else self.tr("The folder is gone: {0}").format(path))
        action.setEnabled(there)
        icons.set_icon(action, "workspace" if there else "warning", "secondary")
        action.setCheckable(is_open)
        action.setChecked(is_open)
        action.triggered.connect(lambda: self.open_wanted.emit(str(path)), Qt.ConnectionType.QueuedConnection)
