"""A word that leads to another page, by mouse and keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget


class LinkLabel(QPushButton):
    """A flat button that looks like a link."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("link", True)
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        # The style sheet of buttons gives padding, which would shift the word from the column it stands in.
        self.setStyleSheet(
            "QPushButton { padding: 0; border: none; background: transparent; color: palette(link); text-align: left;"
            " min-height: 20px; }"
            "QPushButton:hover, QPushButton:focus { text-decoration: underline; }"
        )
