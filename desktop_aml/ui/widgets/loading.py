"""What shows that something goes on: a bar, and in a pane that reads a sentence, late enough not to flicker."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import SecondaryLabel

SAID_AFTER_MS: Final = 80
"""What is there sooner needs no word about waiting; a tenth of a second without a word reads as nothing there."""


_STEP_MS: Final = 500
_PLACES: Final = 4
_RADIUS: Final = 2.0


class BusyBar(QProgressBar):
    """Without a percent its part moves on twice a second; Qt's own is drawn anew sixty times, as long as it is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self._place = 0
        self._timer = QTimer(self, interval=_STEP_MS)
        self._timer.timeout.connect(self._move_on)

    def _move_on(self) -> None:
        if self.maximum() == 0:
            self._place = (self._place + 1) % _PLACES
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the part at its place where nobody knows how far it is."""
        if self.maximum():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(0, (self.height() - theme.SPACE_XS) / 2, self.width(), theme.SPACE_XS)
        painter.setBrush(theme.color("border"))
        painter.drawRoundedRect(area, _RADIUS, _RADIUS)
        width = area.width() / _PLACES
        area.setLeft(self._place * width)
        area.setWidth(width)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(area, _RADIUS, _RADIUS)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Move while it is seen."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._timer.stop()


class LoadingState(QWidget):
    """A pane that says what is being read. Blank for the first moment after `begin`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = SecondaryLabel("", self)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = BusyBar(self)
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
