"""The hands of whoever sits at the window: what they hold when a test begins."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget


def let_go_of_keys() -> None:
    """Let go of Shift, Ctrl and Alt.

    For Qt a key that was typed with a modifier leaves the modifier down until the next event says otherwise, also in
    the next test: a row that is selected by code is then added to a selection, or not selected at all.
    """
    if QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)
