"""What is added to runs that have ended: no engine follows them any more, so it is asked to take that in."""

from __future__ import annotations

import logging
import threading

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.workspace.workspace import Workspace

_log = logging.getLogger(__name__)
_QUIET_S = 0.3


class LateRecords:
    """Asks the engine, on a thread of its own, to take in what ended runs were given; several calls become one.

    What was written is on the disk before it is added here, and is read from there meanwhile.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._busy = False
        self._hurried = False
        self._thread: threading.Thread | None = None

    def add(self, run_id: str) -> None:
        """Have a run taken in soon."""
        with self._changed:
            self._waiting.add(run_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="late", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def hurry(self) -> None:
        """Have what waits taken in now, and wait for that."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout=10.0)
            self._hurried = False

    def wake(self) -> None:
        """Have an engine look at a run that ended, where none does."""
        threading.Thread(target=self._look, name="hand-over", daemon=True).start()

    def _look(self) -> None:
        try:
            self._workspace.hand_over()
        except DesktopAMLError as error:
            _log.warning("No engine looks at the runs that ended: %s", error.message)

    def close(self) -> None:
        """Take in what waits, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(30.0)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                self._changed.wait_for(lambda: self._closed or self._hurried, timeout=_QUIET_S)
                taken, self._waiting = self._waiting, set()
                self._busy = True
            for run_id in taken:
                try:
                    self._workspace.runs.external.take_in(run_id)
                except (DesktopAMLError, OSError) as error:
                    _log.warning("What the run %s was given after its end is not taken in: %s", run_id, error)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
