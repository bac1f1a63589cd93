from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_aml.ui.shell.actions import MENUS, NEEDS, TABLE, ActionSet
from desktop_aml.ui.shell.commands import Commands
from desktop_aml.ui.shell.panes.docks import PANES


class _Recorder:
    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str) -> object:
        return lambda: self.called.append(name)


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> None:
    """Standard keys belong to the platform, which is loaded with the application."""


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    return QObject()


def test_no_two_actions_share_a_shortcut() -> None:
    keys = [spec.key_sequence().toString() for spec in TABLE] + [pane.shortcut for pane in PANES]
    assert [key for key, number in Counter(keys).items() if key and number > 1] == []


def test_ids_are_unique_and_each_has_a_command() -> None:
    ids = [spec.id for spec in TABLE]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if not callable(getattr(Commands, name, None))] == []


def test_menus_and_needs_are_known() -> None:
    assert {spec.menu.rstrip("-") for spec in TABLE} == {name for name, _ in MENUS}
    assert {spec.needs for spec in TABLE} - {""} <= set(NEEDS)


@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ("start_run", "F5"),
        ("cancel_run", "Shift+F5"),
        ("show_settings", "Ctrl+,"),
        ("close_tab", "Ctrl+W"),
        ("focus_next_pane", "F6"),
        ("show_palette", "Ctrl+Shift+P"),
        ("quick_open", "Ctrl+P"),
    ],
)
def test_the_agreed_shortcuts(action: str, keys: str) -> None:
    assert next(spec for spec in TABLE if spec.id == action).key_sequence() == QKeySequence(keys)


def test_an_action_that_lacks_something_is_disabled_with_the_reason(owner: QObject) -> None:
    actions = ActionSet(_Recorder(), owner)
    assert not actions["start_run"].isEnabled()
    assert actions.reason("start_run") == "Choose a script first"
    assert "Choose a script first" in actions["start_run"].toolTip()
    actions.set_available(["workspace", "script"])
    assert actions["start_run"].isEnabled()
    assert actions.reason("start_run") == ""


def test_triggering_tells_and_calls_the_command(owner: QObject, qtbot: QtBot) -> None:
    recorder = _Recorder()
    actions = ActionSet(recorder, owner)
    with qtbot.waitSignal(actions.triggered) as told:
        actions["show_about"].trigger()
    assert (told.args, recorder.called) == (["show_about"], ["show_about"])


def test_a_menu_lists_its_actions_in_groups(owner: QObject, qtbot: QtBot) -> None:
    actions = ActionSet(_Recorder(), owner)
    menu = QMenu()
    qtbot.addWidget(menu)
    actions.fill_menu(menu, "run")
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert names[:3] == ["start_run", "cancel_run", "run_again"]
    assert sum(action.isSeparator() for action in menu.actions()) == 2


def test_a_yielding_shortcut_is_shown_and_not_registered(owner: QObject) -> None:
    actions = ActionSet(_Recorder(), owner)
    assert actions["search_runs"].shortcut().isEmpty()
    assert "Ctrl+F" in actions["search_runs"].text()
    assert ("search_runs", "Ctrl+F") in [(a.objectName(), k.toString()) for k, a in actions.yielding()]
