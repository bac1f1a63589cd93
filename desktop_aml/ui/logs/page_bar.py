"""Which part of a long log is shown, and the way to its other pages."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop_aml.ui.logs.paging import LogPaging
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.widgets.widgets import ElidedLabel


class PageBar(QWidget):
    """First, previous, next and last page, and a field for a line. Hidden until there is more than is shown."""

    line_wanted = Signal(int)
    """The number of a line, counted from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel("", self)
        self.label.setProperty("role", "secondary")
        self.first_button = self._button("chevron-up", self.tr("Beginning"))
        self.previous_button = self._button("chevron-left", self.tr("Earlier"))
        self.next_button = self._button("chevron-right", self.tr("Later"))
        self.last_button = self._button("chevron-down", self.tr("End"))
        self.line_field = QLineEdit(self)
        self.line_field.setPlaceholderText(self.tr("Line"))
        self.line_field.setAccessibleName(self.tr("Go to a line"))
        self.line_field.setToolTip(self.tr("Go to a line by its number"))
        self.line_field.setFixedWidth(88)
        self.line_field.returnPressed.connect(self._on_line_field_return_pressed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self.label, 1)
        for widget in (
            self.line_field,
            self.first_button,
            self.previous_button,
            self.next_button,
            self.last_button,
        ):
            layout.addWidget(widget)
        self.hide()

    def _button(self, icon: str, words: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setProperty("quiet", True)
        icons.set_icon(button, icon, "secondary")
        return button

    def turn(self, paging: LogPaging) -> None:
        """Let the buttons turn the pages of `paging`."""
        self.first_button.clicked.connect(lambda: paging.go_to_page(0))
        self.previous_button.clicked.connect(lambda: paging.step(-1))
        self.next_button.clicked.connect(lambda: paging.step(1))
        self.last_button.clicked.connect(paging.follow)

    def show_end(self, shown_bytes: int, total_bytes: int) -> None:
        """Say that the end is shown, of a log that is longer."""
        words = self.tr("The last {0} of {1}")
        self.label.setText(words.format(formats.size(shown_bytes), formats.size(total_bytes)))
        self._enable(has_earlier=True, has_later=False)

    def show_page(self, first: int, last: int, total: int) -> None:
        """Say which lines are shown, counted from 0, `last` being the first that is not."""
        words = self.tr("Lines {0} to {1} of {2}")
        self.label.setText(
            words.format(formats.count(first + 1), formats.count(max(last, first + 1)), formats.count(total))
        )
        self._enable(has_earlier=first > 0, has_later=last < total)

    def _enable(self, *, has_earlier: bool, has_later: bool) -> None:
        for button in (self.first_button, self.previous_button):
            button.setEnabled(has_earlier)
        for button in (self.next_button, self.last_button):
            button.setEnabled(has_later)
        self.show()

    def _on_line_field_return_pressed(self) -> None:
        words = "".join(filter(str.isdigit, self.line_field.text()))
        if words:
            self.line_wanted.emit(max(0, int(words) - 1))
