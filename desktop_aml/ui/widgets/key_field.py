"""A secret that is hidden until it is asked for, and can be copied without being seen."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import IconButton


class KeyField(QWidget):
    """A read-only password field with buttons to show and to copy."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = QLineEdit(self)
        self._field.setReadOnly(True)
        self._field.setFont(theme.font("mono"))
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field.setAccessibleName(name)
        self.reveal_button = IconButton("eye", self.tr("Show"), self)
        self.reveal_button.setCheckable(True)
        self.reveal_button.toggled.connect(self._on_reveal_button_toggled)
        self.copy_button = IconButton("copy", self.tr("Copy"), self)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._field.text()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._field)
        layout.addWidget(self.reveal_button)
        layout.addWidget(self.copy_button)

    def set_text(self, text: str) -> None:
        """Hold another secret."""
        self._field.setText(text)

    def shown_text(self) -> str:
        """Return what can be read on the screen."""
        return self._field.displayText()

    def _on_reveal_button_toggled(self, on: bool) -> None:
        self._field.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.reveal_button.setToolTip(self.tr("Hide") if on else self.tr("Show"))
