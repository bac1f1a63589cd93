from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_aml.ui.start.garbage import WindowCollector


class Cyclic(QObject):
    """A Qt object that only the collector can end."""

    def __init__(self, ends: list[str]) -> None:
        super().__init__()
        self.me, self.ends = self, ends

    def __del__(self) -> None:
        self.ends.append(threading.current_thread().name)


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[WindowCollector]:
    was_on = gc.isenabled()
    owner = QObject()
    made = WindowCollector(owner, interval_ms=5)
    yield made
    made.stop()
    assert gc.isenabled()
    if not was_on:
        gc.disable()


def test_garbage_of_qt_ends_in_the_windows_thread_however_busy_another_one_is(
    collector: WindowCollector, qtbot: QtBot
) -> None:
    ends: list[str] = []
    for _ in range(20):
        Cyclic(ends)

    kept: list[list[int]] = []

    def allocate() -> None:
        kept.extend([number] for number in range(50_000))

    other = threading.Thread(target=allocate, name="engine")
    other.start()
    other.join()
    assert ends == []
    qtbot.waitUntil(lambda: len(ends) == 20)
    assert set(ends) == {threading.current_thread().name}


def test_older_garbage_is_collected_too(collector: WindowCollector, qtbot: QtBot) -> None:
    collector.settle()
    ends: list[str] = []
    old = Cyclic(ends)
    gc.collect(0)
    gc.collect(1)
    del old

    kept: list[list[int]] = []

    def grow() -> bool:
        kept.extend([number] for number in range(2_000))
        return bool(ends)

    qtbot.waitUntil(grow, timeout=20_000)


def test_in_the_first_seconds_nothing_old_is_gone_through(
    collector: WindowCollector, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "get_count", lambda: (10_000, 10_000, 10_000))
    monkeypatch.setattr(gc, "collect", collected.append)
    collector.collect_due()
    assert set(collected) == {1}
    collector.settle()
    collector.collect_due()
    assert set(collected) == {1, 2}
