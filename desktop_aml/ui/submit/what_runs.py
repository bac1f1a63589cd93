"""What Run will do, in two lines that are always in sight: where it runs, and the command line, to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.environments import THIS_PYTHON
from desktop_aml.domain.scripts.arguments import join_words
from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.widgets.widgets import CopyField


class WhatRuns(QWidget):
    """Environment and target as a button that leads to their fields, and the words of the command line."""

    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.where = QPushButton(self)
        self.where.setProperty("quiet", True)
        self.where.setToolTip(self.tr("Go to where it runs"))
        icons.set_icon(self.where, "environment", "secondary")
        self.where.clicked.connect(self.settings_wanted)
        self.command = CopyField("", self.tr("Command line"), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self.where, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.command)

    def show_run(self, script: str, words: tuple[str, ...], environment: str, target: str) -> None:
        """Say what is run; words that look like secrets are masked, as in every view."""
        named = self.tr("This computer's Python") if environment == THIS_PYTHON else environment
        text = self.tr("{0} · {1}").format(named, target)
        self.where.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 270).replace("&", "&&"))
        icons.fit(self.where)
        self.where.setAccessibleName(text)
        self.command.set_text(join_words(("python", script, *masked_arguments(words))))
