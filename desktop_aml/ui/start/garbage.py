"""Python's cyclic garbage is collected in the window's thread, and nowhere else.

Python collects in whichever thread happens to allocate. When that is the engine's, Qt objects in the garbage are
destroyed there: Qt's lock is held while Python's is waited for, and the window stands still for ever.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 100
_SETTLED_MS: Final = 5_000
"""When modules and the window itself are there to stay: a full collection need not walk through them each time.

There is none before that, which would hold up the window in its first seconds.
"""


class WindowCollector(QObject):
    """Switches Python's own collecting off and does it from the event loop of the thread that made this object.

    Parameters
    ----------
    parent : QObject
        Lives as long as the collecting is to be done here.
    interval_ms : int
        Milliseconds from one look to the next.
    """

    def __init__(self, parent: QObject, interval_ms: int = _INTERVAL_MS) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=interval_ms)
        self._timer.timeout.connect(self.collect_due)
        self._timer.start()
        self._is_settled = False
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self.settle)
        self._settled.start()

    def settle(self) -> None:
        """Take what there is now as here to stay, such as modules that were just loaded."""
        gc.freeze()
        self._is_settled = True

    def collect_due(self) -> None:
        """Collect the oldest generation that is due, and the younger ones with it."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0) if self._is_settled else (1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Leave the collecting to Python again."""
        self._timer.stop()
        gc.enable()
