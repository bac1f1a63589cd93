"""Keeps the index of words in logs and source: of runs that end, and in the background of those that ended before."""

from __future__ import annotations

import logging
from typing import Final

from desktop_aml.domain.events import Event, RunMoved
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.run_folder.indexing import full_text
from desktop_aml.system import clock as system_clock

_log = logging.getLogger(__name__)

_SECONDS: Final = 0.5
"""What one turn takes of a worker, at most."""

_REST_S: Final = 1.0
"""Between two turns: the computer has other things to do."""

_BUSY_REST_S: Final = 3.0
"""While runs go on: those that end meanwhile are read in one turn, most of which is opening and flushing the index."""

_AGAIN_S: Final = 600.0
"""After a fault, such as a full disk."""


class FullTextKeeping:
    """Indexes one part after the other, on a worker."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ended: set[str] = set()
        self._is_behind = True
        self._is_working = False
        self._next = self._rested = 0.0

    def see(self, event: Event) -> None:
        """Note the runs that ended."""
        if isinstance(event, RunMoved) and event.state.is_terminal():
            self._ended.add(event.run_id)

    def is_idle(self) -> bool:
        """Whether the runs that ended while this engine worked are indexed; older ones wait for a longer-lived one."""
        return not self._is_working and (not self._ended or self._next > system_clock.monotonic() + _REST_S)

    def look(self, *, is_quiet: bool) -> None:
        """Go on where there is something to do; with all that there is only while nothing else is done (`is_quiet`)."""
        if self._is_working or (now := system_clock.monotonic()) < self._next:
            return
        if not is_quiet and now < self._rested:
            return
        ended, self._ended = self._ended, set()
        if not ended and not (self._is_behind and is_quiet):
            return
        self._is_working = True
        self._desk.later(
            lambda: full_text.catch_up(self._desk.folder, _SECONDS, sorted(ended)[:_MOST], readers=self._desk.readers),
            lambda left: self._caught_up(ended, left),
        )

    def _caught_up(self, ended: set[str], left: int | Failed) -> None:
        self._is_working = False
        now = system_clock.monotonic()
        self._rested = now + _BUSY_REST_S
        self._next = 0.0 if ended else now + _REST_S
        if isinstance(left, Failed):
            # Nothing depends on it: searches say what is not indexed.
            _log.warning("Logs and source cannot be indexed now: %s", left.error)
            self._next, self._is_behind = system_clock.monotonic() + _AGAIN_S, True
        elif not ended:
            self._is_behind = left > 0
        elif left or len(ended) > _MOST:
            self._is_behind = True


_MOST: Final = 500
"""Runs that are asked for by name at once; more are found with all others."""
