"""Who listens hears what was asked for, and nothing else."""

from __future__ import annotations

import gc

import pytest
import shiboken6
from PySide6.QtCore import QObject

from desktop_aml.domain.events import CHANGES, MetricsLogged, ModelDeleted, RunDeleted
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.listening import Listeners

GONE = RunDeleted("a")


class Ear(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def hear(self, event: object) -> None:
        self.heard.append(event)

    def fail(self, event: object) -> None:
        raise RuntimeError(str(event))


def test_only_events_that_were_asked_for_are_heard_each_by_the_listeners_in_turn(bridge: Bridge) -> None:
    kind, one, every = Ear(), Ear(), Ear()
    bridge.listen(kind.hear, RunDeleted)
    bridge.listen(one.hear, RunDeleted, ModelDeleted, of="b")
    bridge.listen(every.hear, *CHANGES)
    events = GONE, RunDeleted("b"), ModelDeleted("b", 1), MetricsLogged("b", ())
    for event in events:
        bridge.event_happened.emit(event)
    assert kind.heard == list(events[:2])
    assert one.heard == list(events[1:3])
    assert every.heard == list(events[:3])


def test_a_listener_that_is_gone_is_forgotten_with_no_event_of_its_kinds() -> None:
    listeners, dropped, deleted = Listeners(), Ear(), Ear()
    for ear in (dropped, deleted):
        listeners.add(ear.hear, RunDeleted, ModelDeleted)
    heard = dropped.heard
    shiboken6.delete(deleted)
    del dropped, ear
    gc.collect()
    listeners.tell(GONE)
    assert (heard, deleted.heard) == ([], [])
    # What the window has closed, and Python still holds, goes when the next one asks.
    assert [len(waiting) for waiting in listeners._of.values()] == [1, 1]
    last = Ear()
    listeners.add(last.hear, RunDeleted, ModelDeleted)
    assert [[method() for method, _ in waiting] for waiting in listeners._of.values()] == [[last.hear]] * 2


def test_a_listener_that_fails_keeps_nothing_from_the_next(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: told.append(str(error)))
    first, second = Ear(), Ear()
    bridge.listen(first.fail, RunDeleted)
    bridge.listen(second.hear, RunDeleted)
    bridge.event_happened.emit(GONE)
    assert (told, second.heard) == ([str(GONE)], [GONE])
