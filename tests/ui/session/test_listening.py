"""Who listens hears what was asked for, and nothing else."""

from __future__ import annotations

import gc

import pytest
import shiboken6
from PySide6.QtCore import QObject

from desktop_aml.domain.events import CHANGES, MetricsLogged, ModelDeleted, RunDeleted
from desktop_aml.ui.session.bridge import Bridge

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


def test_a_listener_that_is_gone_is_forgotten(bridge: Bridge) -> None:
    dropped, deleted = Ear(), Ear()
    for ear in (dropped, deleted):
        bridge.listen(ear.hear, RunDeleted)
    heard = dropped.heard
    shiboken6.delete(deleted)
    del dropped, ear
    gc.collect()
    bridge.event_happened.emit(GONE)
    assert (heard, deleted.heard) == ([], [])


def test_a_listener_that_fails_keeps_nothing_from_the_next(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: told.append(str(error)))
    first, second = Ear(), Ear()
    bridge.listen(first.fail, RunDeleted)
    bridge.listen(second.hear, RunDeleted)
    bridge.event_happened.emit(GONE)
    assert (told, second.heard) == ([str(GONE)], [GONE])
