"""Help > About: name, version, licence, and what to copy into a report."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml import resources
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.computer_text import description_of_computer
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel


class AboutDialog(QDialog):
    """Name, version, licence, and what to copy into a report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Desktop AML"))
        self.setObjectName("about_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._details = SecondaryLabel(description_of_computer())
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        place = SecondaryLabel(self.tr("Files of the program: {0}").format(resources.root()))
        copy = QPushButton(self.tr("Copy"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(description_of_computer()))
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Desktop AML"), 1))
        layout.addWidget(SecondaryLabel(self.tr("Train, register and serve models on this computer. Apache-2.0.")))
        layout.addWidget(self._details)
        layout.addWidget(place)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(460)
