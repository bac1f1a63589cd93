from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.shell.actions import ActionSet
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.shell.palette import CommandPalette, QuickOpen, score
from desktop_aml.workspace import Workspace


class _Recorder:
    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str) -> object:
        return lambda: self.called.append(name)


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    widget.show()
    return widget


def test_letters_in_order_fit_and_word_beginnings_come_first() -> None:
    assert score("Cancel run", "zz") is None
    assert score("Cancel run", "nuc") is None
    whole, scattered = score("Run", "run"), score("Recent umbrella note", "run")
    assert whole is not None
    assert scattered is not None
    assert whole < scattered


def test_typing_finds_an_action_and_enter_carries_it_out(host: QWidget, qtbot: QtBot) -> None:
    recorder = _Recorder()
    actions = ActionSet(recorder, QObject(host))
    palette = CommandPalette(actions, [], host)
    palette.open()
    qtbot.keyClicks(palette.field, "about")
    assert palette.shown()[0].startswith("About")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: recorder.called == ["show_about"])


def test_recent_actions_come_first(host: QWidget) -> None:
    actions = ActionSet(_Recorder(), QObject(host))
    palette = CommandPalette(actions, ["show_about", "show_settings"], host)
    assert [text.split("\n")[0] for text in palette.shown()[:2]] == ["About Desktop AML", "Settings"]
    palette.close()


def test_what_cannot_be_done_says_why_and_is_not_taken(host: QWidget, qtbot: QtBot) -> None:
    recorder = _Recorder()
    palette = CommandPalette(ActionSet(recorder, QObject(host)), [], host)
    palette.open()
    qtbot.keyClicks(palette.field, "cancel run")
    entry = palette.list.item(0).data(Qt.ItemDataRole.UserRole)
    assert entry.reason == "Open a run that has not ended"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert recorder.called == []
    palette.close()


def test_arrow_keys_move_while_the_field_keeps_the_keyboard(host: QWidget, qtbot: QtBot) -> None:
    palette = CommandPalette(ActionSet(_Recorder(), QObject(host)), [], host)
    palette.open()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == 0
    palette.close()


def test_every_act_of_the_menus_is_in_the_palette(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    for name in ("lab", "other"):
        Workspace.create(tmp_path / name, name).close()
        window.preferences.put(window.preferences.value.with_opened(tmp_path / name))
    assert window.open_folder(tmp_path / "lab")

    def acts(menu: QMenu) -> Iterator[QAction]:
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                yield from acts(inner)
            elif not action.isSeparator():
                yield action

    palette = CommandPalette(window.action_set, [], window)
    held = {*window.action_set, *(action for _, action in palette._others)}
    wanted = [action for top in window.menuBar().actions() for action in acts(top.menu())]
    assert len(wanted) > len(window.action_set._actions)
    assert [action.text() for action in wanted if action not in held] == []
    qtbot.keyClicks(palette.field, "panes jobs")
    assert palette.shown()[0] == "Panes: Jobs"
    assert window.docks is not None
    jobs = window.docks.pane("jobs").parentWidget()
    assert jobs.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(jobs.isHidden)


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "lab")
    yield made
    made.close()


def test_quick_open_of_an_empty_workspace_offers_nothing_to_choose_from(
    host: QWidget, space: Workspace, qtbot: QtBot
) -> None:
    bridge = Bridge(host)
    picker = QuickOpen(space, bridge, host)
    picker.open()
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert picker.shown() == []
    picker.close()
    bridge.close()


def test_quick_open_goes_to_a_curated_environment_that_is_typed(host: QWidget, space: Workspace, qtbot: QtBot) -> None:
    bridge = Bridge(host)
    picker = QuickOpen(space, bridge, host)
    picker.open()
    qtbot.keyClicks(picker.field, "AzureML-Tutorial")
    qtbot.waitUntil(lambda: picker.shown() == ["AzureML-Tutorial"])
    with qtbot.waitSignal(bridge.destination_wanted) as going:
        qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert going.args == [Destination("environment", "AzureML-Tutorial")]
    bridge.close()


def test_what_nothing_is_called_is_said(host: QWidget) -> None:
    palette = CommandPalette(ActionSet(_Recorder(), QObject(host)), [], host)
    palette.show()
    assert not palette.nothing.isVisible()
    palette.field.setText("xqzj")
    assert palette.nothing.isVisible()
    assert palette.nothing.text() == "Nothing here is called “xqzj”."
    palette.close()


def test_enter_pressed_before_anything_was_found_counts_when_it_is(
    host: QWidget, space: Workspace, qtbot: QtBot
) -> None:
    bridge = Bridge(host)
    picker = QuickOpen(space, bridge, host)
    picker.open()
    qtbot.keyClicks(picker.field, "AzureML-Tutorial")
    assert picker.shown() == []
    with qtbot.waitSignal(bridge.destination_wanted) as going:
        qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert going.args == [Destination("environment", "AzureML-Tutorial")]
    bridge.close()
