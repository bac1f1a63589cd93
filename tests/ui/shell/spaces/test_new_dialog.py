from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.shell.spaces.new_dialog import NewWorkspaceDialog, default_place, free_name
from desktop_aml.workspace import Workspace


def asked(window: MainWindow, place: Path) -> NewWorkspaceDialog:
    window.memory.remember_choice("new_workspaces", str(place))
    window.action_set["new_workspace"].trigger()
    return window.findChild(NewWorkspaceDialog)


def test_a_name_and_a_place_become_a_folder_with_a_workspace(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = asked(window, tmp_path)
    qtbot.keyClicks(dialog.name, "my first lab")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert window.session is not None
    assert window.session.workspace.path == tmp_path / "my first lab"
    assert window.session.workspace.name == "my first lab"


def test_places_that_are_not_there_yet_are_made(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = asked(window, tmp_path)
    dialog.place.setText(str(tmp_path / "of" / "mine"))
    dialog.name.setText("deep")
    assert str(tmp_path / "of" / "mine" / "deep") in dialog.result_line.text()
    qtbot.mouseClick(dialog.make_button, Qt.MouseButton.LeftButton)
    assert (tmp_path / "of" / "mine" / "deep" / "config.json").is_file()


def test_what_cannot_be_a_folder_is_said_while_typing(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("mine")
    dialog = asked(window, tmp_path)
    for name in ("", "  ", "..", "a/b", "a file", "ä" * 200):
        dialog.name.setText(name)
        assert dialog.fault.message.text(), name
        assert not dialog.make_button.isEnabled()
    dialog.name.setText("fine")
    for place in ("relative/place", "~nosuchuser", "~nosuchuser/data"):
        dialog.place.setText(place)
        assert "whole path" in dialog.fault.message.text()


def test_a_folder_that_holds_things_is_warned_of_and_a_workspace_is_opened(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "data.csv").write_text("1\n")
    Workspace.create(tmp_path / "old", "old").close()
    dialog = asked(window, tmp_path)
    dialog.name.setText("full")
    assert "holds 1 things already" in dialog.result_line.text()
    dialog.name.setText("old")
    assert dialog.make_button.text() == "Open workspace"
    qtbot.mouseClick(dialog.make_button, Qt.MouseButton.LeftButton)
    assert window.session is not None
    assert window.session.workspace.path == tmp_path / "old"


def test_the_offered_name_is_free(tmp_path: Path) -> None:
    assert default_place().is_absolute()
    first = free_name(tmp_path)
    (tmp_path / first).mkdir()
    assert free_name(tmp_path) == f"{first}-2"
