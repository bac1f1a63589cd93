"""What one click does with a sweep: its best again with further seeds, its space narrowed around the best."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.widgets.settings_fields import WholeNumber

_SEEDS: Final = 5
_MOST_SEEDS: Final = 999


class ActsBar(QWidget):
    """A row of acts, which are there once a sweep has a best trial."""

    repeat_wanted = Signal(int)
    """With how many further seeds the best is to run."""
    narrow_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.repeat_button = QPushButton(self.tr("Run the best again"), self)
        self.repeat_button.setToolTip(self.tr("With seeds that it has not had yet, which tell what is chance"))
        icons.set_icon(self.repeat_button, "rerun", "secondary")
        self.seeds = WholeNumber(1, _MOST_SEEDS, self.tr(" seeds"), self)
        self.seeds.setValue(_SEEDS)
        self.seeds.setAccessibleName(self.tr("How many seeds"))
        self.repeat_button.clicked.connect(lambda: self.repeat_wanted.emit(self.seeds.value()))
        self.narrow_button = QPushButton(self.tr("Narrow the space"), self)
        self.narrow_button.setToolTip(self.tr("Try ten more, in half of each range around the best"))
        icons.set_icon(self.narrow_button, "filter", "secondary")
        self.narrow_button.clicked.connect(lambda: self.narrow_wanted.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        for widget in (self.repeat_button, self.seeds, self.narrow_button):
            row.addWidget(widget)
        row.addStretch(1)
        self.set_ready(False)

    def set_ready(self, is_ready: bool) -> None:
        """Offer the acts, or not: while nothing is best, and while one of them is carried out."""
        for widget in (self.repeat_button, self.seeds, self.narrow_button):
            widget.setEnabled(is_ready)
