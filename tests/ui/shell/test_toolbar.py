"""The toolbar shows what can be done with what is open."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop_aml.ui.shell.main_window import MainWindow

ACTS = ("start_run", "cancel_run", "run_again")


def shown(window: MainWindow) -> list[bool]:
    bar = window.tool_bar
    buttons = [bar.widgetForAction(window.action_set[name]) for name in ACTS]
    return [button is not None and button.isVisible() for button in (*buttons, bar.search)]


def test_what_needs_a_workspace_comes_and_goes_with_it(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.tool_bar
    qtbot.waitUntil(lambda: shown(window) == [False] * 4)
    bar.set_workspace("iris")
    qtbot.waitUntil(lambda: shown(window) == [True] * 4)
    places = [bar.widgetForAction(window.action_set[name]).x() for name in ACTS]
    assert places == sorted(places)
    assert bar.widgetForAction(window.action_set["start_run"]).accessibleName() == "Run"
    bar.set_workspace("")
    bar.set_workspace("iris")
    qtbot.waitUntil(lambda: shown(window) == [True] * 4)
    assert [bar.actions().count(window.action_set[name]) for name in ACTS] == [1, 1, 1]
    bar.set_workspace("")
    qtbot.waitUntil(lambda: shown(window) == [False] * 4)
    menus = [action.menu() for action in window.menuBar().actions()]
    assert any(window.action_set["start_run"] in menu.actions() for menu in menus if menu is not None)
