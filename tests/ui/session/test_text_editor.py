from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QProcess
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.session.text_editor import command_at, command_of, edit


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


def install(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)


def test_an_editor_is_told_the_line_in_its_own_way(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Path("/somewhere/my scripts/train.py")
    assert command_at(script, 7) == []
    install(programs, "gedit", "vi")
    assert command_at(script, 7) == [f"{programs}/gedit", "+7", str(script)]
    install(programs, "code")
    assert command_at(script, 0) == [f"{programs}/code", "--goto", f"{script}:1"]
    assert command_at(Path("/a/{line}.py"), 7)[-1] == "/a/{line}.py:7"
    monkeypatch.setenv("EDITOR", "vi")  # needs a terminal, and there is none
    assert command_at(script, 7)[0] == f"{programs}/code"
    monkeypatch.setenv("VISUAL", "gedit 'half")
    assert command_at(script, 7)[0] == f"{programs}/code"
    monkeypatch.setenv("VISUAL", "gedit --new-window")
    assert command_at(script, 7) == [f"{programs}/gedit", "--new-window", "+7", str(script)]


def test_without_an_editor_the_desktops_program_opens_the_file_and_what_cannot_be_is_said(
    programs: Path, tmp_path: Path, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Message] = []
    opened: list[str] = []
    answers = [True, False]
    bridge.message_raised.connect(told.append)
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: (opened.append(url.toLocalFile()), answers[len(opened) - 1])[1]
    )
    started: list[list[str]] = []
    monkeypatch.setattr(
        QProcess, "startDetached", lambda program, words: (started.append([program, *words]), (True, 1))[1]
    )
    owner, script = QObject(), tmp_path / "train.py"
    edit(owner, bridge, script)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert str(script) in told[0].text
    script.write_text("pass\n")
    edit(owner, bridge, script)
    qtbot.waitUntil(lambda: opened == [str(script)])
    edit(owner, bridge, script)
    qtbot.waitUntil(lambda: len(told) == 2)
    install(programs, "kate")
    edit(owner, bridge, script, 3)
    qtbot.waitUntil(lambda: started == [[f"{programs}/kate", "--line", "3", str(script)]])
    assert len(opened) == 2


def test_a_folder_is_opened_as_a_whole_by_an_editor_that_can(
    programs: Path, tmp_path: Path, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(
        QProcess, "startDetached", lambda program, words: (started.append([program, *words]), (True, 1))[1]
    )
    install(programs, "gedit")
    monkeypatch.setenv("VISUAL", "gedit")
    assert command_of(tmp_path) == []
    install(programs, "code", "subl")
    assert command_of(tmp_path) == [f"{programs}/code", str(tmp_path)]
    monkeypatch.setenv("VISUAL", "subl --new-window")
    owner = QObject()
    edit(owner, bridge, tmp_path)
    qtbot.waitUntil(lambda: started == [[f"{programs}/subl", "--new-window", str(tmp_path)]])
