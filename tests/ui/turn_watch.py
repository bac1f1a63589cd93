"""How much processor time the turns of the window's event loop take: what a person feels as a stumble."""

from __future__ import annotations

import faulthandler
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

BOUND_MS = 50.0
"""What a turn may cost on the computer that the bars were set on, while nothing else ran there."""

_SURE = 1.25
"""By how much something must be over what it may take: the speed is measured right after it, not in it."""

YARDSTICK_MS = 4.0
"""What `yardstick_ms` was there."""


@dataclass(slots=True)
class Turns:
    """What was measured since the last look, in milliseconds of the thread's processor time."""

    greatest_ms: float = 0.0
    count: int = 0
    over: list[float] = field(default_factory=list)


def yardstick_ms() -> float:
    """Return what a fixed piece of a window's work takes now: to make some widgets, lay them out and paint them."""

    def once() -> float:
        begun = time.thread_time()
        pane = QWidget()
        rows = QVBoxLayout(pane)
        for number in range(12):
            row = QHBoxLayout()
            for one in (QLabel(f"label {number}"), QLineEdit(f"words {number}"), QPushButton(f"button {number}")):
                row.addWidget(one)
            rows.addLayout(row)
        pane.resize(600, 500)
        pane.grab()
        took = 1000 * (time.thread_time() - begun)
        pane.deleteLater()
        QCoreApplication.sendPostedEvents(pane, QEvent.Type.DeferredDelete)  # not in a turn that is watched
        return took

    return statistics.mean(once() for _ in range(5))


def slowness() -> float:
    """Return how much longer work takes now than where the bars were set, never below 1.

    A slower computer needs longer, and one whose caches others keep busy up to twice as long.
    """
    return max(1.0, yardstick_ms() / YARDSTICK_MS)


def allowed_ms(bound_ms: float) -> float:
    """Return what may be taken here and now by what may take `bound_ms` where the bars were set."""
    return bound_ms * slowness() * _SURE


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


def _where(thread: int) -> str:
    """Return where Python is in a thread. Without a look at its frames: who holds one last ends what it holds."""
    with tempfile.TemporaryFile() as written:
        faulthandler.dump_traceback(written)
        written.seek(0)
        text = written.read().decode("utf-8", "replace")
    own = text.partition(f"hread {thread:#018x}")[2].partition("\n\n")[0]
    found = re.findall(r'File "(.*)", line (\d+) in (.*)', own)
    return " < ".join(f"{Path(file).name}:{line} {name}" for file, line, name in found[:8])


class Stumbles(QObject):
    """Tells of each turn that was too long: when it ended, how long it took, and where Python was in it.

    Parameters
    ----------
    told : callable
        Called with the time (``time.monotonic``) at which such a turn ended, and with words about it.
    bound_ms : float
        What a turn may take where the bars were set; see `slowness`.
    """

    _LOOK_S = 0.01
    _KEPT_LOOKS = 4

    def __init__(
        self, told: Callable[[float, str], object], bound_ms: float = BOUND_MS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._told = told
        self._bound_ms = bound_ms
        self._thread = threading.get_ident()
        self._since = 0.0
        self._places: list[str] = []
        self._is_watching = False
        self._is_over = threading.Event()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.awake.connect(self.end_turn)
        self._looking = threading.Thread(target=self._look, name="stumbles", daemon=True)
        self._looking.start()

    def begin(self) -> None:
        """Watch from now on."""
        self._since, self._is_watching = time.thread_time(), True

    def pause(self) -> None:
        """Judge the turn that goes on, and watch no more until `begin`."""
        self.end_turn()
        self._is_watching = False

    def stop(self) -> None:
        """Watch never again."""
        self._is_watching = False
        self._is_over.set()
        # The thread holds this object, and whoever lets go of it last destroys it: that must be the window's thread.
        self._looking.join()

    def _look(self) -> None:
        """See where a turn is that takes long. On a thread of its own."""
        clock = time.pthread_getcpuclockid(self._thread)
        while not self._is_over.wait(self._LOOK_S):
            took_ms = 1000 * (time.clock_gettime(clock) - self._since)
            if self._is_watching and took_ms > self._bound_ms / 2 and len(self._places) < self._KEPT_LOOKS:
                self._places.append(_where(self._thread))

    def end_turn(self) -> None:
        """Judge the turn that goes on; another one begins."""
        if not self._is_watching:
            return
        took_ms = 1000 * (time.thread_time() - self._since)
        places, self._places = self._places, []
        if took_ms > self._bound_ms:
            self._is_watching = False
            may_ms = allowed_ms(self._bound_ms)
            if took_ms > may_ms:
                self._told(time.monotonic(), "\n    ".join((f"{took_ms:.0f} ms of {may_ms:.0f}", *places)))
            self._is_watching = True
        self._since = time.thread_time()
