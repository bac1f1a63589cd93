from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import DesktopAMLError, StorageError
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading


class Slow:
    """Reads that end when they are let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun: list[str] = []

    def work(self, answer: str) -> str:
        self.begun.append(answer)
        assert self.gate.wait(10)
        if answer == "fault":
            raise StorageError("The disk is gone.")
        if answer == "surprise":
            raise ValueError(answer)
        return answer


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def reading(bridge: Bridge, qtbot: QtBot) -> LatestReading:
    return LatestReading(bridge, bridge)


def test_what_is_asked_for_meanwhile_is_read_once_more_and_comes_last(
    reading: LatestReading, slow: Slow, qtbot: QtBot
) -> None:
    found: list[str] = []
    for answer in ("old", "between", "new"):
        reading.ask(lambda answer=answer: slow.work(answer), found.append)
    qtbot.waitUntil(lambda: slow.begun == ["old"])
    slow.gate.set()
    qtbot.waitUntil(lambda: found == ["old", "new"])
    assert slow.begun == ["old", "new"]


def test_only_a_failure_of_the_newest_reading_is_told(reading: LatestReading, slow: Slow, qtbot: QtBot) -> None:
    found: list[str] = []
    told: list[DesktopAMLError] = []
    for answer in ("fault", "new"):
        reading.ask(lambda answer=answer: slow.work(answer), found.append, told.append)
    slow.gate.set()
    qtbot.waitUntil(lambda: found == ["new"])
    assert told == []
    reading.ask(lambda: slow.work("fault"), found.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 1)


def test_after_a_fault_of_the_program_it_still_reads(reading: LatestReading, slow: Slow, qtbot: QtBot) -> None:
    found: list[str] = []
    slow.gate.set()
    with qtbot.captureExceptions() as raised:
        reading.ask(lambda: slow.work("surprise"), found.append)
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ValueError
    reading.ask(lambda: slow.work("new"), found.append)
    qtbot.waitUntil(lambda: found == ["new"])


def test_what_is_gone_is_not_told(bridge: Bridge, slow: Slow, qtbot: QtBot) -> None:
    found: list[str] = []
    owner = QObject()
    reading = LatestReading(owner, bridge)
    reading.ask(lambda: slow.work("old"), found.append)
    qtbot.waitUntil(lambda: slow.begun == ["old"])
    del owner
    slow.gate.set()
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert found == []
