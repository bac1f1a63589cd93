"""The engine in a thread of the window: its callback becomes one signal on the GUI thread.

Stopping this thread never ends runs or endpoints; they are found again by the next engine.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final, Protocol

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import EngineChanged, Event, MetricsLogged
from desktop_aml.domain.metrics import Point, PointColumns

_log = logging.getLogger(__name__)

METRICS_INTERVAL_S: Final = 0.1
"""Shortest time between two deliveries of new points."""


class EngineRunner(Protocol):
    """What the workspace gives to run in a thread."""

    def run_forever(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        ...


class EventFeed(QObject):
    """Takes events on any thread, gives them out in order on its own; points of a run are gathered meanwhile."""

    event_happened = Signal(object)
    _waiting = Signal()

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._queue: deque[Event] = deque()
        self._announced = threading.Event()
        self._points: dict[str, dict[str, list[Sequence[Point]]]] = {}
        self._last_delivery = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._deliver_points)
        self._waiting.connect(self._drain)

    def put(self, event: Event) -> None:
        """Take one event. May be called on any thread, never blocks."""
        self._queue.append(event)
        # One wake-up for however many events arrive before the GUI thread gets to them.
        if not self._announced.is_set():
            self._announced.set()
            self._waiting.emit()

    def _drain(self) -> None:
        self._announced.clear()
        while self._queue:
            event = self._queue.popleft()
            if isinstance(event, MetricsLogged):
                self._gather(event)
            else:
                # What was logged before an event is shown before it: a run that ended has all its points.
                if self._points:
                    self._deliver_points()
                self.event_happened.emit(event)
        if self._points and not self._timer.isActive():
            wait_s = METRICS_INTERVAL_S - (self._clock() - self._last_delivery)
            self._timer.start(max(0, round(wait_s * 1000)))

    def _gather(self, event: MetricsLogged) -> None:
        curves = self._points.setdefault(event.run_id, {})
        for name, points in event.curves:
            curves.setdefault(name, []).append(points)

    def _deliver_points(self) -> None:
        self._timer.stop()
        self._last_delivery = self._clock()
        gathered, self._points = self._points, {}
        for run_id, curves in gathered.items():
            whole = tuple((name, _whole(parts)) for name, parts in curves.items())
            self.event_happened.emit(MetricsLogged(run_id, whole))


def _whole(parts: list[Sequence[Point]]) -> Sequence[Point]:
    """Return the points of all parts; as columns where they come so, as very many would hold up the window."""
    columns = [part for part in parts if isinstance(part, PointColumns)]
    joined = PointColumns.joined(columns) if len(columns) == len(parts) else None
    return tuple(chain.from_iterable(parts)) if joined is None else joined


class EngineThread(QThread):
    """Runs the engine of one workspace.

    Parameters
    ----------
    make_runner : callable
        ``workspace.host_engine``: takes the callback for events, returns what runs. Called on this thread.
    """

    event_happened = Signal(object)
    """An `Event`, on the GUI thread, in order."""

    def __init__(
        self, make_runner: Callable[[Callable[[Event], None]], EngineRunner], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("engine")
        self._make_runner = make_runner
        self._stop = threading.Event()
        self._feed = EventFeed(self)
        self._feed.event_happened.connect(self.event_happened)

    def run(self) -> None:
        """Work until `stop` is called."""
        ended_well = False
        try:
            self._make_runner(self._feed.put).run_forever(self._stop)
            ended_well = True
        except DesktopAMLError as error:
            ended_well = True
            _log.warning("The engine could not work: %s", error)
            self._feed.put(EngineChanged("fault", error.message, error.hint, error.details))
        finally:
            if not ended_well:
                self._feed.put(EngineChanged("fault", self.tr("The engine stopped because of a fault in the program.")))

    def stop(self, timeout_ms: int = 5000) -> bool:
        """Ask the engine to stop and wait for it; False when it did not within the time."""
        self._stop.set()
        ended = self.wait(timeout_ms)
        if not ended:
            _log.warning("The engine did not stop within %d ms.", timeout_ms)
        return ended
