"""A paper of several pages, one at a time, as pictures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.viewers.picture import PicturePane
from desktop_aml.ui.widgets.widgets import IconButton, SecondaryLabel


class PaperPane(QWidget):
    """Shows a page, and turns to others; one page alone has nothing to turn."""

    page_wanted = Signal(int)
    """The number of a page, counted from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self.picture = PicturePane(self)
        self.label = SecondaryLabel("", self, small=True)
        self.previous_button = IconButton("chevron-left", self.tr("Previous page"), self)
        self.next_button = IconButton("chevron-right", self.tr("Next page"), self)
        self.previous_button.clicked.connect(lambda: self.page_wanted.emit(self._number - 1))
        self.next_button.clicked.connect(lambda: self.page_wanted.emit(self._number + 1))
        self.bar = QWidget(self)
        line = QHBoxLayout(self.bar)
        line.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        line.setSpacing(theme.SPACE_S)
        line.addWidget(self.label, 1)
        line.addWidget(self.previous_button)
        line.addWidget(self.next_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.picture, 1)

    def show_page(self, image: QImage, name: str, number: int, count: int) -> None:
        """Show the page of a number, counted from 0, of so many."""
        self._number = number
        self.picture.show_image(image, name)
        self.label.setText(self.tr("Page {0} of {1}").format(number + 1, count))
        self.previous_button.setEnabled(number > 0)
        self.next_button.setEnabled(number + 1 < count)
        self.bar.setVisible(count > 1)
