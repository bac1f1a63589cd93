from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import Conflict
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.session.terminal_program import open_terminal, words_in_terminal


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TERMINAL", raising=False)
    return tmp_path


def install(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)


def test_each_terminal_is_given_a_command_in_its_own_way(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert words_in_terminal(["a", "b c"]) == []
    install(programs, "xterm", "gnome-terminal", "own")
    assert words_in_terminal(["a", "b c"]) == [f"{programs}/gnome-terminal", "--", "a", "b c"]
    monkeypatch.setenv("TERMINAL", "own")
    assert words_in_terminal(["a"]) == [f"{programs}/own", "-e", "a"]
    monkeypatch.setenv("TERMINAL", "gone")
    assert words_in_terminal(["a"])[0] == f"{programs}/gnome-terminal"


def test_without_a_terminal_the_command_is_copied_and_what_cannot_work_is_told(
    programs: Path, bridge: Bridge, qtbot: QtBot
) -> None:
    told: list[Message] = []
    bridge.message_raised.connect(told.append)
    owner = QObject()
    open_terminal(owner, bridge, ("environment", "shell", "my iris:1"), lambda: None)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=10_000)
    assert "The command is copied" in told[0].text
    assert QGuiApplication.clipboard().text() == "desktop-aml environment shell 'my iris:1'"

    def check() -> None:
        raise Conflict("It is not built.", "Build it.")

    open_terminal(owner, bridge, ("environment", "shell", "my iris:1"), check)
    qtbot.waitUntil(lambda: len(told) == 2, timeout=10_000)
    assert "It is not built." in told[1].text
