"""Where the Tab key goes, for widgets that are made after their neighbours: Qt puts those last in the window."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def place_behind(before: QWidget, whole: QWidget) -> None:
    """Let the keyboard come from `before` to what takes it in `whole`, in the order in which that was made."""
    for widget in _within(whole):
        # The inner line of a field of numbers stands for the field.
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.focusProxy() is None:
            QWidget.setTabOrder(before, widget)
            before = widget


def _within(whole: QWidget) -> Iterator[QWidget]:
    # Not by Qt's own chain: to ask for the next one lets Python own the window, and end it.
    for child in whole.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not child.isWindow():  # as the list of a field of choices is
            yield child
            yield from _within(child)
