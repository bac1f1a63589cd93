"""The row of buttons at the foot of a dialog: how it is left, and what it does, at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton

from desktop_aml.ui.look import theme


def dialog_foot(dialog: QDialog, leave: str, act: QPushButton) -> QHBoxLayout:
    """Return the row with a button that leaves a dialog, called `leave`, and the one that does what it is for."""
    # It belongs to the dialog when the row does: so the keyboard comes to it last.
    button = QPushButton(leave)
    button.setAutoDefault(False)
    button.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.setSpacing(theme.SPACE_S)
    row.addStretch(1)
    row.addWidget(button)
    row.addWidget(act)
    return row
