"""Being asked to end by a signal, in a process whose main thread waits for something."""

from __future__ import annotations

import queue
import signal
import threading
from types import FrameType


def event_of_end() -> threading.Event:
    """Return what is set once this process is asked to end, by SIGINT or SIGTERM; call it in the main thread.

    The handler runs in the main thread, between any two of its steps: also while that thread holds the lock of this
    very event because it is about to wait for it. Setting the event there would wait for ever for that lock, and the
    process would never end. Nothing is locked by what the handler does; another thread sets the event.
    """
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()
    stop = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        # The one kind of queue whose `put` may interrupt itself.
        asked.put(number)

    def pass_on() -> None:
        asked.get()
        stop.set()

    threading.Thread(target=pass_on, name="end-signals", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return stop
