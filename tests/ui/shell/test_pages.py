"""The tabs of the centre."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.shell.pages import PageTabs


def test_the_arrows_of_a_full_tab_bar_take_no_focus(qtbot: QtBot) -> None:
    tabs = PageTabs()
    qtbot.addWidget(tabs)
    for number in range(12):
        tabs.add_page(QWidget(), Destination("run", str(number)))
    tabs.resize(300, 200)
    tabs.show()
    arrows = [button for button in tabs.tabBar().findChildren(QToolButton) if button.isVisible()]
    assert len(arrows) == 2
    assert all(button.focusPolicy() is Qt.FocusPolicy.NoFocus for button in arrows)
