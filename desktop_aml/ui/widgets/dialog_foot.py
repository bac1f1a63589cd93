"""The foot of a dialog: a button that leaves it beside the one that does what it is for, and room for its words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton

from desktop_aml.ui.look import theme


class _Room(QObject):
    """Gives a dialog the height that its words need, also where Qt would give it two thirds of a small screen.

    A layout knows no least height of words that wrap, so that without this they were cut.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Look at an event on its way."""
        if isinstance(watched, QDialog) and event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest):
            layout, screen = watched.layout(), watched.screen().availableGeometry()
            wraps = layout is not None and layout.hasHeightForWidth()
            needed = layout.totalMinimumHeightForWidth(watched.width()) if layout is not None and wraps else 0
            if watched.isVisible() and watched.height() < needed:
                watched.resize(watched.width(), min(needed, screen.height()))
        return False


def dialog_foot(dialog: QDialog, leave: str, act: QPushButton) -> QHBoxLayout:
    """Return the row with a button that leaves a dialog, called `leave`, and the one that does what it is for."""
    # It belongs to the dialog when the row does: so the keyboard comes to it last.
    dialog.installEventFilter(_Room(dialog))
    button = QPushButton(leave)
    button.setAutoDefault(False)
    button.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.setSpacing(theme.SPACE_S)
    row.addStretch(1)
    row.addWidget(button)
    row.addWidget(act)
    return row
