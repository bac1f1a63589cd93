"""A form of a dialog: labels to the left with their mnemonics, fields to the right, all on one grid."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_aml.ui.look import theme

_LABEL_WIDTH = 104


class LabelledFields(QGridLayout):
    """Rows of a label and a field."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(theme.SPACE_M)
        self.setVerticalSpacing(theme.SPACE_S)
        self.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self.setColumnStretch(1, 1)

    def add(self, text: str, field: QWidget, name: str = "") -> None:
        """Add a row; `name` is what a screen reader says when the label alone does not."""
        row = self.rowCount()
        if text:
            label = QLabel(text)
            label.setBuddy(field)
            self.addWidget(label, row, 0)
        if not field.accessibleName():
            field.setAccessibleName(name or text.replace("&", ""))
        self.addWidget(field, row, 1)
