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


def test_open_pages_are_listed_with_whole_names_and_chosen(qtbot: QtBot) -> None:
    tabs = PageTabs()
    qtbot.addWidget(tabs)
    tabs.show()
    tabs.add_page(QWidget(), Destination("model", "first"))
    assert tabs.list_button.isHidden()
    tabs.add_page(QWidget(), Destination("model", "a" * 90))
    qtbot.waitUntil(tabs.list_button.isVisible)
    tabs.list_button.open_menu()
    entries = tabs.list_button.menu().actions()
    assert [(entry.text(), entry.isChecked()) for entry in entries] == [("first", False), ("a" * 90, True)]
    entries[0].trigger()
    tabs.list_button.menu().close()
    assert tabs.destination() == Destination("model", "first")


def test_the_middle_button_closes_the_tab_under_it(qtbot: QtBot) -> None:
    tabs = PageTabs()
    qtbot.addWidget(tabs)
    tabs.show()
    for name in ("first", "second"):
        tabs.add_page(QWidget(), Destination("model", name))
    qtbot.mouseClick(tabs.tabBar(), Qt.MouseButton.MiddleButton, pos=tabs.tabBar().tabRect(0).center())
    assert [one.key for one in tabs.destinations()] == ["second"]
    assert tabs.list_button.isHidden()
