from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_aml.__main__ import wants_window
from desktop_aml.settings import load, save
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.start.windows import Windows
from desktop_aml.workspace import Workspace


@pytest.fixture
def windows(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Windows]:
    theme.apply(qapp, "light")
    preferences = Preferences(tmp_path / "settings.json")

    def make() -> MainWindow:
        window = MainWindow(preferences, tmp_path / "layout.ini", None)
        qtbot.addWidget(window)
        return window

    found = Windows(make)
    for name in ("one", "two"):
        Workspace.create(tmp_path / name, name).close()
    found.first().show()
    yield found
    found.close_now()


def open_names(windows: Windows) -> list[str]:
    return sorted(window.session.workspace.name for window in windows.all() if window.session is not None)


def test_another_workspace_opens_another_window_and_the_same_one_is_raised(windows: Windows, tmp_path: Path) -> None:
    windows.open_words(str(tmp_path / "one"))
    assert (open_names(windows), len(windows.all())) == (["one"], 1)
    windows.open_words(str(tmp_path / "two"))
    assert (open_names(windows), len(windows.all())) == (["one", "two"], 2)
    windows.open_words(str(tmp_path / "one"))
    windows.first().commands.open_named(str(tmp_path / "two"))
    assert (open_names(windows), len(windows.all())) == (["one", "two"], 2)


def test_a_window_that_was_closed_is_the_next_one_and_the_other_stays(windows: Windows, tmp_path: Path) -> None:
    first = windows.first()
    windows.open_words(str(tmp_path / "one"))
    second = windows.show_workspace(tmp_path / "two")
    assert second is not None
    assert second is not first
    second.action_set["close_window"].trigger()
    assert (windows.all(), open_names(windows)) == ((first,), ["one"])
    first.action_set["new_window"].trigger()
    assert windows.all() == (first, second)
    assert second.center.currentWidget() is second.welcome
    assert windows.show_workspace(tmp_path / "two") is second


@pytest.mark.parametrize(("place", "meant"), [("", "two"), ("one", "one")])
def test_a_script_opens_in_the_workspace_that_a_command_would_mean(
    windows: Windows, tmp_path: Path, place: str, meant: str
) -> None:
    save(replace(load(), last_workspace=str(tmp_path / "two")))
    script = tmp_path / place / "train.py"
    script.write_text("print(1)\n")
    windows.open_words(str(script))
    assert open_names(windows) == [meant]


def test_quitting_closes_every_window(windows: Windows, tmp_path: Path) -> None:
    windows.open_words(str(tmp_path / "one"))
    windows.show_workspace(tmp_path / "two")
    windows.first().action_set["quit"].trigger()
    assert windows.all() == ()


def test_the_name_of_a_folder_opens_the_window_unless_it_is_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ws", "run"):
        Workspace.create(tmp_path / name, name).close()
    (tmp_path / "notes.ipynb").write_text("{}")
    assert [wants_window([word]) for word in ("ws", "notes.ipynb", "./run", "run", "nowhere", "--help")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert not wants_window(["ws", "more"])
