"""The workspaces that may run code, as a list in the settings: each can be forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import theme

_HEIGHT: Final = 96


class TrustedList(QWidget):
    """Paths of the trusted workspaces. One that is forgotten runs nothing from its next opening on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Trusted workspaces"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_HEIGHT)
        self.forget_button = QPushButton(self.tr("Forget"), self)
        self.forget_button.setAutoDefault(False)
        self.forget_button.clicked.connect(self._on_forget_button_clicked)
        self.list.itemSelectionChanged.connect(self._refresh_button)
        row = QHBoxLayout()
        row.addWidget(self.forget_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self.list)
        layout.addLayout(row)
        self.refresh()

    def refresh(self) -> None:
        """List what is trusted now."""
        from desktop_aml.workspace import trusted_workspaces  # Imported here: the window starts without it.

        self.list.clear()
        try:
            paths = [known.path for known in trusted_workspaces()]
        except DesktopAMLError as error:
            self.setToolTip(str(error))
            paths = []
        for path in paths:
            item = QListWidgetItem(path, self.list)
            item.setToolTip(path)
        self._refresh_button()

    def _refresh_button(self) -> None:
        self.forget_button.setEnabled(bool(self.list.selectedItems()))

    def _on_forget_button_clicked(self) -> None:
        from desktop_aml.workspace import forget

        for item in self.list.selectedItems():
            forget(Path(item.text()))
        self.refresh()
