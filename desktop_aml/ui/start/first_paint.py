"""What may wait until a person sees the window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

_LATEST_MS: Final = 1_000
"""A window that is started out of sight is painted when somebody looks at it, and its work begins before."""


class FirstPaint(QObject):
    """Tells once that a window was painted first.

    A timer of no time is not enough: it comes before what the display has to say, and so before the paint.
    """

    came = Signal()

    def __init__(self, window: QWidget, latest_ms: int = _LATEST_MS) -> None:
        super().__init__(window)
        self._is_told = False
        window.installEventFilter(self)
        self._timer = QTimer(self, singleShot=True, interval=latest_ms)
        self._timer.timeout.connect(self._tell)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Wait for the paint, and for its end."""
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._timer.start(0)
        return False

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            self.came.emit()
