from __future__ import annotations

import statistics
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks import log_to_pixel
from desktop_aml.domain.errors import WorkspaceInUse
from desktop_aml.domain.events import EngineChanged, Event, MetricsLogged, RunMoved, RunUpdated
from desktop_aml.domain.metrics import Point, PointColumns
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.session.engine_thread import EngineThread, EventFeed
from tests.ui.turn_watch import allowed_ms


def points(run_id: str, *steps: int) -> MetricsLogged:
    return MetricsLogged(run_id, (("loss", tuple(Point(s, float(s), s, 0.0) for s in steps)),))


def steps_of(event: MetricsLogged) -> list[int]:
    return [point.step for _, curve in event.curves for point in curve if point.step is not None]


class _Runner:
    def __init__(self, put: Callable[[Event], None], events: list[Event]) -> None:
        self._put = put
        self._events = events
        self.stopped = False

    def run_forever(self, stop: threading.Event) -> None:
        for event in self._events:
            self._put(event)
        stop.wait(10)
        self.stopped = True


def test_events_arrive_on_the_gui_thread_in_order(qtbot: QtBot) -> None:
    heard: list[object] = []
    threads = set()
    thread = EngineThread(lambda put: _Runner(put, [EngineChanged("ready"), RunUpdated("a"), RunUpdated("b")]))
    thread.event_happened.connect(lambda event: (heard.append(event), threads.add(threading.get_ident())))
    thread.start()
    qtbot.waitUntil(lambda: len(heard) == 3)
    assert thread.stop()
    assert heard == [EngineChanged("ready"), RunUpdated("a"), RunUpdated("b")]
    assert threads == {threading.get_ident()}


def test_points_are_gathered_to_ten_deliveries_a_second(qtbot: QtBot) -> None:
    now = [100.0]
    feed = EventFeed(clock=lambda: now[0])
    heard: list[MetricsLogged] = []
    feed.event_happened.connect(heard.append)
    for step in range(500):
        feed.put(points("a", step))
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert steps_of(heard[0]) == list(range(500))
    # Right after a delivery the next one waits.
    feed.put(points("a", 500))
    feed._drain()
    assert len(heard) == 1
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert steps_of(heard[1]) == [500]


def test_columns_that_follow_one_another_stay_columns(qtbot: QtBot) -> None:
    feed = EventFeed()
    heard: list[MetricsLogged] = []
    feed.event_happened.connect(heard.append)
    for first, run_id in ((0, "a"), (2, "a"), (0, "b"), (7, "b")):
        feed.put(MetricsLogged(run_id, (("loss", PointColumns(first, [None] * 2, [1.0] * 2, [0.5] * 2)),)))
    qtbot.waitUntil(lambda: len(heard) == 2)
    curves = {event.run_id: event.curves[0][1] for event in heard}
    assert curves["a"] == PointColumns(0, [None] * 4, [1.0] * 4, [0.5] * 4)
    assert [point.index for point in curves["b"]] == [0, 1, 7, 8]


def test_a_run_that_ends_has_shown_all_its_points(qtbot: QtBot) -> None:
    feed = EventFeed()
    heard: list[object] = []
    feed.event_happened.connect(heard.append)
    feed.put(points("a", 1))
    ended = RunMoved("a", RunState.COMPLETED, 1.0, 7)
    feed.put(ended)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert isinstance(heard[0], MetricsLogged)
    assert heard[1] == ended


def test_runs_keep_their_own_points(qtbot: QtBot) -> None:
    feed = EventFeed()
    heard: list[MetricsLogged] = []
    feed.event_happened.connect(heard.append)
    feed.put(points("a", 1))
    feed.put(points("b", 2))
    feed.put(points("a", 3))
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert {event.run_id: steps_of(event) for event in heard} == {"a": [1, 3], "b": [2]}


def test_an_engine_that_cannot_start_says_why(qtbot: QtBot) -> None:
    def refuse(_put: Callable[[Event], None]) -> _Runner:
        raise WorkspaceInUse("Another program owns it.", "Close that.")

    thread = EngineThread(refuse)
    with qtbot.waitSignal(thread.event_happened) as heard:
        thread.start()
    assert heard.args == [EngineChanged("fault", "Another program owns it.", "Close that.")]
    assert thread.stop()


def test_stopping_waits_for_the_engine_to_leave(qtbot: QtBot) -> None:
    runners: list[_Runner] = []

    def make(put: Callable[[Event], None]) -> _Runner:
        runners.append(_Runner(put, [EngineChanged("ready")]))
        return runners[0]

    thread = EngineThread(make)
    with qtbot.waitSignal(thread.event_happened):
        thread.start()
    assert thread.stop()
    assert runners[0].stopped
    assert not thread.isRunning()


@pytest.mark.timing
def test_what_a_script_logs_is_seen_within_a_quarter_of_a_second(
    qapp: QApplication, tmp_path: Path, marked_processes: object
) -> None:
    # The bar is for one value a second; what is logged faster is drawn together.
    found = log_to_pixel.measure(qapp, tmp_path, values=4, pause_s=0.3)
    assert len(found) >= 2
    assert statistics.median(found) < allowed_ms(log_to_pixel.BOUND_MS)
