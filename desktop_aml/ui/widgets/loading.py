"""What a pane shows while it reads: a thin bar and a sentence. Late enough not to flicker, early enough to calm."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import SecondaryLabel

SAID_AFTER_MS: Final = 80
"""What is there sooner needs no word about waiting; a tenth of a second without a word reads as nothing there."""


class LoadingState(QWidget):
    """A pane that says what is being read. Blank for the first moment after `begin`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = SecondaryLabel("", self)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(240)
        self.bar.setAccessibleName(self.tr("Reading"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.bar)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL)
        layout.setSpacing(theme.SPACE_M)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addWidget(self.label)
        layout.addStretch(3)
        self._late = QTimer(self, singleShot=True, interval=SAID_AFTER_MS)
        self._late.timeout.connect(lambda: self._show(True))
        self._show(False)

    def begin(self, words: str) -> None:
        """Say `words` unless `end` is called soon."""
        self.label.setText(words)
        self.bar.setRange(0, 0)
        if not self.is_said() and not self._late.isActive():
            self._late.start()

    def set_progress(self, done: int, total: int) -> None:
        """Say how far it is."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def end(self) -> None:
        """Say nothing any more."""
        self._late.stop()
        self._show(False)

    def is_said(self) -> bool:
        """Whether the words can be seen."""
        return not self.bar.isHidden()

    def _show(self, on: bool) -> None:
        self.label.setVisible(on)
        self.bar.setVisible(on)
