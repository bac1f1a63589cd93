"""A line inside a form that says what is wrong and what to do; it takes no room while nothing is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import IconLabel, SecondaryLabel


class ErrorLine(QWidget):
    """Icon, message in the colour of failure, hint below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = QLabel(self)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setProperty("role", "error")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = SecondaryLabel("", self)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(theme.SPACE_S)
        layout.setVerticalSpacing(theme.SPACE_XS)
        layout.setColumnStretch(1, 1)
        layout.addWidget(IconLabel("cross-circle", 16, "failed", self), 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.message, 0, 1)
        layout.addWidget(self.hint, 1, 1)
        self.hide()

    def show_error(self, error: DesktopAMLError) -> None:
        """Show an error of ours."""
        self.show_text(error.message, error.hint)
        self.setToolTip(error.details)

    def show_text(self, message: str, hint: str = "") -> None:
        """Show words; nothing when they are empty."""
        self.message.setText(message)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.setAccessibleName(f"{message} {hint}".strip())
        self.setToolTip("")
        self.setVisible(bool(message))
