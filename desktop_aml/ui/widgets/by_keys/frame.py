"""The frame around what has the keyboard, where Qt draws none."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.look import theme


class FocusFrame(QWidget):
    """A frame in the colour of the keyboard, laid over its parent; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, rect: QRect) -> None:
        """Frame a part of the parent."""
        self.setGeometry(rect)
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the frame; what is too thin for one is filled."""
        painter = QPainter(self)
        painter.setPen(theme.color("accent"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
