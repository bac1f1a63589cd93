from __future__ import annotations

import threading
from types import SimpleNamespace

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import StorageError
from desktop_aml.ui.runs.metrics.reading import MetricsReading
from desktop_aml.ui.session.bridge import Bridge


class _Curves:
    """A run that logs no curve; its records are read when they are let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.logged: tuple[str, ...] = ("first",)
        self.was_read = threading.Event()
        self.fails = False

    def list(self, _run_id: str) -> tuple[object, ...]:
        return ()

    def sources(self, _run_id: str) -> dict[str, object]:
        return {}

    def records(self, _run_id: str) -> tuple[str, ...]:
        found, fails = self.logged, self.fails
        self.was_read.set()
        assert self.gate.wait(10)
        if fails:
            raise StorageError("The disk is gone.")
        return found


def begun(bridge: Bridge, curves: _Curves, owner: QObject, qtbot: QtBot) -> MetricsReading:
    made = MetricsReading(SimpleNamespace(runs=SimpleNamespace(curves=curves)), bridge, "r", owner)  # type: ignore[arg-type]
    made.start(lambda _: 0)
    qtbot.waitUntil(curves.was_read.is_set)
    return made


def test_what_is_logged_while_a_reading_is_under_way_is_read_after_it(bridge: Bridge, qtbot: QtBot) -> None:
    curves, ended = _Curves(), []
    reading = begun(bridge, curves, bridge, qtbot)
    reading.ended.connect(ended.append)
    curves.logged = ("first", "second")
    reading.start(lambda _: 0)
    curves.gate.set()
    qtbot.waitUntil(lambda: ended == [("first",), ("first", "second")])
    assert not reading.is_busy()


def test_after_a_reading_that_failed_it_reads_what_was_asked_for_meanwhile(bridge: Bridge, qtbot: QtBot) -> None:
    curves, ended = _Curves(), []
    curves.fails = True
    reading = begun(bridge, curves, bridge, qtbot)
    reading.ended.connect(ended.append)
    curves.fails = False
    reading.start(lambda _: 0)
    curves.gate.set()
    qtbot.waitUntil(lambda: ended == [("first",)])
