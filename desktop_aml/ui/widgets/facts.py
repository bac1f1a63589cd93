"""A two-column list of what is known of a thing: names to the left, values to the right, widgets or plain text."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import ElidedLabel

_NAME_WIDTH = 112
_LONG = 24
_LONG_WORD = re.compile(rf"\S{{{_LONG},}}")
_PIECE = re.compile(r"[^/_\-.:=,]*[/_\-.:=,]*")
_BREAK = "\u200b"


class Facts(QWidget):
    """Rows of a name and a value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: dict[QWidget, QLabel] = {}
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.SPACE_L)
        self._layout.setVerticalSpacing(theme.SPACE_XS)
        self._layout.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._layout.setColumnStretch(1, 1)

    def clear(self) -> None:
        """Remove every row."""
        self._labels.clear()
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def add(self, name: str, value: str | QWidget, *, wraps: bool = False) -> None:
        """Add a row; an empty text adds nothing.

        Parameters
        ----------
        wraps : bool
            Whether a text that is too long goes on in further lines; without it its middle is left out.
        """
        if value == "":
            return
        row = self._layout.rowCount()
        label = QLabel(name, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", "secondary")
        shown = value if not isinstance(value, str) else self._lines(value) if wraps else ElidedLabel(value, self)
        shown.setMinimumHeight(24)
        label.setMinimumHeight(24)
        if not shown.accessibleName():
            shown.setAccessibleName(name)
        label.setBuddy(shown)
        self._labels[shown] = label
        self._layout.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop if wraps else Qt.AlignmentFlag(0))
        # A widget that is no wider than its text would keep the whole column that narrow.
        narrow = shown.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Maximum
        self._layout.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag(0))

    def _lines(self, text: str) -> QLabel:
        # One word may be as long as a line, and must not make the page as wide.
        label = QLabel(_LONG_WORD.sub(lambda word: _breakable(word[0]), text), self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAccessibleDescription(text)
        label.setWordWrap(True)
        return label

    def show_row(self, value: QWidget, *, shown: bool) -> None:
        """Show or hide the row of a value."""
        value.setVisible(shown)
        self._labels[value].setVisible(shown)


def _breakable(word: str) -> str:
    """Return a word that goes on in the next line behind one of its signs; anywhere only where it has none."""
    pieces = (_BREAK.join(piece) if len(piece) >= _LONG else piece for piece in _PIECE.findall(word))
    return _BREAK.join(filter(None, pieces))
