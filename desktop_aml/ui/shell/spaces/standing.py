"""Whether the folder of the open workspace is still there and can be written; looked at again and again."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

_EVERY_MS: Final = 2000


class Standing(StrEnum):
    """What became of the folder of a workspace."""

    FINE = "fine"
    GONE = "gone"
    READ_ONLY = "read only"


def standing_of(path: Path) -> Standing:
    """Return how the workspace at `path` stands now."""
    # Not `Path.is_file`: it raises where a disk is gone but still mounted, or the way there may not be entered.
    if not os.path.isfile(path / "config.json"):  # noqa: PTH113
        return Standing.GONE
    return Standing.FINE if os.access(path, os.W_OK | os.X_OK) else Standing.READ_ONLY


class StandingWatch(QObject):
    """Looks at the folder every two seconds, away from the window's thread: a network disk may not answer."""

    changed = Signal(object)
    """The `Standing` that the workspace has from now on; the first look tells it, too."""

    def __init__(
        self,
        path: Path,
        bridge: Bridge,
        parent: QObject,
        look: Callable[[Path], Standing] = standing_of,
    ) -> None:
        super().__init__(parent)
        self._path = path
        self._bridge = bridge
        self._look = look
        self._is_looking = False
        self._known: Standing | None = None
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Look now, unless the last look has not come back."""
        if self._is_looking:
            return
        self._is_looking = True
        call_for(self, self._bridge, lambda: self._look(self._path), self._take)

    def _take(self, found: Standing) -> None:
        self._is_looking = False
        if found is not self._known:
            self._known = found
            self.changed.emit(found)
