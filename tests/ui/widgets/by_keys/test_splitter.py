"""The line between two panes is moved by keys, and shows that it has the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.by_keys.frame import FocusFrame
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter


@pytest.mark.parametrize(
    ("across", "more", "less"),
    [
        (Qt.Orientation.Horizontal, Qt.Key.Key_Right, Qt.Key.Key_Left),
        (Qt.Orientation.Vertical, Qt.Key.Key_Down, Qt.Key.Key_Up),
    ],
)
def test_arrow_keys_move_the_line_that_tab_leads_to(
    qtbot: QtBot, across: Qt.Orientation, more: Qt.Key, less: Qt.Key
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    splitter = KeyedSplitter(across, window)
    QVBoxLayout(window).addWidget(splitter)
    for _ in range(2):
        splitter.addWidget(QPlainTextEdit())
    window.resize(400, 400)
    window.show()
    line, sizes = splitter.handle(1), splitter.sizes()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    assert window.findChild(FocusFrame).isVisible()
    assert line.accessibleName()
    qtbot.keyClick(line, more)
    assert splitter.sizes()[0] > sizes[0]
    qtbot.keyClick(line, less)
    assert splitter.sizes() == sizes
    splitter.widget(0).setFocus()
    qtbot.waitUntil(lambda: not any(frame.isVisible() for frame in window.findChildren(FocusFrame)))
    assert splitter.count() == 2
