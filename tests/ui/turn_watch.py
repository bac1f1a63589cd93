"""How much processor time the turns of the window's event loop take: what a person feels as a stumble."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractEventDispatcher, QObject


@dataclass(slots=True)
class Turns:
    """What was measured since the last look, in milliseconds of the thread's processor time."""

    greatest_ms: float = 0.0
    count: int = 0
    over: list[float] = field(default_factory=list)


class TurnWatch(QObject):
    """Measures each turn of the event loop of the thread that made it, nested loops too.

    A turn goes from one waking of the loop to the next; what it waits costs no processor time. The time is the
    thread's own, so that what others do on the computer counts little.

    Parameters
    ----------
    bound_ms : float
        Turns above it are kept one by one.
    """

    def __init__(self, bound_ms: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bound_ms = bound_ms
        self._turns = Turns()
        self._since = time.thread_time()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.awake.connect(self._on_awake)

    def begin(self) -> None:
        """Forget what was measured; what this thread did until now is in no turn."""
        self._turns = Turns()
        self._since = time.thread_time()

    def count(self) -> int:
        """Return how many turns ended since `begin`: the number of the one that goes on."""
        return self._turns.count

    def seen(self) -> Turns:
        """Return what was measured since `begin`, the turn that goes on included."""
        self._on_awake()
        return self._turns

    def _on_awake(self) -> None:
        now = time.thread_time()
        took_ms, self._since = 1000 * (now - self._since), now
        turns = self._turns
        turns.count += 1
        turns.greatest_ms = max(turns.greatest_ms, took_ms)
        if took_ms > self._bound_ms:
            turns.over.append(took_ms)
