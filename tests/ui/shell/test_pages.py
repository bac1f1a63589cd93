"""The tabs of the centre."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.shell.edit_commands import EditCommands
from desktop_aml.ui.shell.pages import KINDS, PageTabs, make_page
from desktop_aml.workspace import Workspace


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


def test_the_menu_that_keys_ask_for_is_that_of_the_tab_in_front(qtbot: QtBot) -> None:
    tabs = PageTabs()
    qtbot.addWidget(tabs)
    tabs.resize(600, 200)
    tabs.show()
    for name in ("first", "second", "third"):
        tabs.add_page(QWidget(), Destination("model", name))
    tabs.setCurrentIndex(0)
    tabs.tabBar().setFocus()
    qtbot.waitUntil(tabs.tabBar().hasFocus)
    EditCommands().show_context_menu()
    menu = next(one for one in tabs.findChildren(QMenu) if one.isVisible())
    next(entry for entry in menu.actions() if entry.text() == "Close others").trigger()
    menu.close()
    assert [one.key for one in tabs.destinations()] == ["first"]


def test_the_middle_button_closes_the_tab_under_it(qtbot: QtBot) -> None:
    tabs = PageTabs()
    qtbot.addWidget(tabs)
    tabs.show()
    for name in ("first", "second"):
        tabs.add_page(QWidget(), Destination("model", name))
    qtbot.mouseClick(tabs.tabBar(), Qt.MouseButton.MiddleButton, pos=tabs.tabBar().tabRect(0).center())
    assert [one.key for one in tabs.destinations()] == ["second"]
    assert tabs.list_button.isHidden()


def test_a_page_that_is_turned_to_has_the_keyboard_where_it_says_and_later_where_it_was(qtbot: QtBot) -> None:
    tabs, made = PageTabs(), []
    qtbot.addWidget(tabs)
    tabs.show()
    tabs.activateWindow()
    qtbot.waitUntil(tabs.isActiveWindow)
    for name in ("first", "second"):
        page = QWidget()
        within = QVBoxLayout(page)
        made.append((QPushButton(), QLineEdit(), QLineEdit()))
        for widget in made[-1]:
            within.addWidget(widget)
        page.setFocusProxy(made[-1][1])
        tabs.add_page(page, Destination("model", name))
    tabs.setCurrentIndex(0)
    made[0][2].setFocus()
    tabs.cycle(1)
    assert made[1][1].hasFocus()
    tabs.cycle(1)
    assert made[0][2].hasFocus()


class Versions(QWidget):
    shown = 0

    def turn_to(self, version: int) -> None:
        self.shown = version


def test_versions_of_a_thing_have_one_page_which_is_turned_to_the_wanted_one(qtbot: QtBot) -> None:
    tabs, page = PageTabs(), Versions()
    qtbot.addWidget(tabs)
    tabs.add_page(page, Destination("environment", "churn"))
    tabs.add_page(Versions(), Destination("environment", "churn-canary"))
    assert tabs.show_page(Destination("environment", "churn:3"))
    assert tabs.currentWidget() is page
    assert page.shown == 3
    assert tabs.show_page(Destination("environment", "churn"))
    assert page.shown == 3
    assert not tabs.show_page(Destination("model", "churn"))
    assert tabs.close_gone("environment", "churn")
    assert [one.key for one in tabs.destinations()] == ["churn-canary"]


@pytest.mark.parametrize("kind", ["model", "environment", "dataset"])
def test_every_page_of_a_thing_with_versions_can_be_turned_to_one(kind: str) -> None:
    made = KINDS[kind]
    assert callable(getattr(importlib.import_module(f"desktop_aml.ui.{made.module}"), made.name).turn_to)


def test_a_page_is_marked_as_soon_as_it_holds_something_unsaved_and_no_longer(qtbot: QtBot) -> None:
    tabs = PageTabs()
    qtbot.addWidget(tabs)
    page = QWidget()
    page.setWindowTitle("iris[*]")
    tabs.add_page(page, Destination("environment", "iris"))
    tabs.show()
    room = tabs.tabBar().tabRect(0).width()
    page.setWindowModified(True)
    assert tabs.tabText(0) == "iris ●"
    assert tabs.tabBar().tabRect(0).width() > room, "the mark has room of its own"
    page.setWindowModified(False)
    assert tabs.tabText(0) == "iris"


@pytest.mark.parametrize(
    ("kind", "needs_nothing"),
    [
        ("model", set()),
        ("run", set()),
        ("compare", set()),
        ("environment", set()),
        ("endpoint", {"Delete"}),
        ("dataset", {"New version…", "Forget…"}),
        ("compute", {"Remove"}),
    ],
)
def test_what_needs_the_thing_of_a_page_cannot_be_pressed_before_that_was_read(
    kind: str,
    needs_nothing: set[str],
    bridge: Bridge,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Bridge, "call", lambda *_: None)
    workspace = Workspace.create(tmp_path / "workspace")
    page = make_page(workspace, bridge, Destination(kind, "iris"))
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.show()
    buttons = [one for one in page.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]
    workspace.close()
    assert {one.text() or one.accessibleName() for one in buttons} == needs_nothing
