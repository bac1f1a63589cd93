from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_aml.ui.start import single_instance
from desktop_aml.ui.start.single_instance import SingleInstance


def instance(place: Path, parent: QObject) -> SingleInstance:
    name = f"desktop-aml-test-{uuid.uuid5(uuid.NAMESPACE_URL, str(place)).hex}"
    return SingleInstance(name, place / "window.lock", parent)


def test_a_second_start_hands_its_words_to_the_first(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    first, second = instance(tmp_path, qapp), instance(tmp_path, qapp)
    assert not first.hand_over("/tmp/one")
    first.listen()
    with qtbot.waitSignal(first.words_arrived) as told:
        assert second.hand_over("/tmp/zwei ö 🙂.py")
    assert told.args == ["/tmp/zwei ö 🙂.py"]


def test_a_second_start_waits_for_a_first_one_that_does_not_listen_yet(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = instance(tmp_path, qapp), instance(tmp_path, qapp)
    monkeypatch.setattr(single_instance.time, "sleep", lambda _: first.listen())
    with qtbot.waitSignal(first.words_arrived):
        assert second.hand_over("words")


def test_a_first_start_that_never_listens_is_not_waited_for_for_ever(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = instance(tmp_path, qapp), instance(tmp_path, qapp)
    monkeypatch.setattr(single_instance, "_STARTING_S", 0.0)
    assert not second.hand_over("words")
    del first


def test_a_start_that_gets_no_lock_asks_whether_one_is_open(qapp: QApplication, tmp_path: Path, qtbot: QtBot) -> None:
    first = instance(tmp_path, qapp)
    first.listen()
    (tmp_path / "window.lock").unlink()
    (tmp_path / "window.lock").mkdir()
    second = instance(tmp_path, qapp)
    with qtbot.waitSignal(first.words_arrived):
        assert second.hand_over("words")


def test_where_no_lock_can_be_had_a_start_asks_once_and_does_not_wait(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: float) -> None:
        raise AssertionError("it waits for nobody")

    (tmp_path / "file").touch()
    monkeypatch.setattr(single_instance.time, "sleep", refuse)
    assert not instance(tmp_path / "file", qapp).hand_over("")
