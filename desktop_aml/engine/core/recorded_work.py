"""Recorded work: what must follow a change of the record is done, whatever ends the engine in between.

The outbox says what is left (see `desktop_aml.store.record.outbox`). Manifests are written on a worker, many in one
turn, and their entries cleared in one commit. Work of other kinds is handed to whoever does it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from desktop_aml.domain.errors import StorageError
from desktop_aml.engine.core.context import RETRY_S, Desk, Failed
from desktop_aml.record.writing import Written
from desktop_aml.store import runs
from desktop_aml.store.facts import kept
from desktop_aml.store.record import outbox
from desktop_aml.store.record.kinds import MANIFESTS, RecordKind
from desktop_aml.store.record.outbox import Mark
from desktop_aml.system import clock

_AT_ONCE: Final = 200
"""Manifests of one turn: their entries are cleared in one commit, which must not keep the engine's loop for long."""

_PAUSE_S: Final = 1.0
"""Between two turns: what changes many times within it is written once. A run that logs changes at each look, and a
manifest costs more than what it tells; only a database that is lost has use of it."""

_PART: Final = 9.0
"""How much longer a pause is than the turn before it: manifests that are long, or many, take no more of the time."""

_LONGEST_PAUSE_S: Final = 3.0

_GOES_ON_S: Final = 3.0
"""Between two manifests of a run that goes on: a short one is described when it begins, and as it ends."""

_BETWEEN_FACTS_S: Final = 0.1
"""Between two turns in which nothing but what lists say of runs is kept, some milliseconds each."""

_TRIES: Final = 3
"""How often an entry may fail for a reason of its own, before it is left to the next engine."""

_LAST_TURN_S: Final = 2.0
"""How long the end of an engine may wait for manifests; what is left is the next engine's."""

Work = Callable[[str, Callable[[], None]], None]
"""Begins what is due for a key; calls what it is given, inside the commit that stores the result, once it is done."""


@dataclass(slots=True)
class _Tried:
    """How often an entry failed, and when it is tried again (monotonic seconds)."""

    count: int = 0
    again_at: float = 0.0


@dataclass(slots=True)
class _Acts:
    work: Work
    under_way: dict[str, int] = field(default_factory=dict)
    """Ids of the entries that are being carried out, by key."""


class RecordedWork:
    """Carries out what the outbox of one workspace holds.

    An entry that fails again and again for a reason of its own is left to the next engine, with a word in the log.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._is_writing = self._has_trouble = False
        self._next_at = 0.0
        self._begun_at = 0.0
        self._seen = -1
        self._tried: dict[int, _Tried] = {}
        self._described_at: dict[str, float] = {}
        self._acts: dict[RecordKind, _Acts] = {}
        self._stop = threading.Event()

    def carry_out(self, kind: RecordKind, work: Work) -> None:
        """Say what does the work of a kind that has no manifest."""
        self._acts[kind] = _Acts(work)

    def is_idle(self) -> bool:
        """Whether nothing is left to do, but for what failed too often."""
        given_up = {number for number, tried in self._tried.items() if tried.count >= _TRIES}
        if self._is_writing or outbox.count(self._desk.db) > len(given_up):
            return False
        left = outbox.waiting(self._desk.db, list(RecordKind), len(given_up) + 1)
        # What was marked again since is another entry, which nobody gave up.
        return all(mark.id in given_up for mark in left)

    def is_settled(self) -> bool:
        """Whether the folders say what the database says, or cannot be made to for want of room."""
        return self._has_trouble or self.is_idle()

    def look(self, *, at_once: bool = False) -> None:
        """Begin with what is due.

        Parameters
        ----------
        at_once : bool
            Whether nothing else is under way, so that no pause between two turns spares anything.
        """
        changes = self._desk.db.changes()
        if changes == self._seen:
            return
        for kind, acts in self._acts.items():
            self._begin(kind, acts)
        now = clock.monotonic()
        if self._is_writing or (now < self._next_at and not (at_once and not self._has_trouble)):
            return
        if not self._tried:
            self._seen = changes
        most = _AT_ONCE + len(self._tried) + len(self._described_at)
        marks = self._due(outbox.waiting(self._desk.db, MANIFESTS, most), now)
        going_on = [] if at_once else [mark for mark in marks if self._can_wait(mark, now)]
        if going_on:
            self._seen, self._next_at = -1, now + _PAUSE_S
            marks = [mark for mark in marks if mark not in going_on]
        marks = marks[:_AT_ONCE]
        if marks:
            self._is_writing, self._begun_at = True, now
            self._desk.later(lambda: self._desk.records.write(marks, self._stop.is_set), self._written)
        elif kept.is_due(self._desk.db):
            # Of a database that an earlier version made, or that was rebuilt: of all runs, some in each turn.
            self._next_at = now + _BETWEEN_FACTS_S
            with self._desk.commit():
                kept.keep(self._desk.db, _AT_ONCE)

    def _due(self, marks: list[Mark], now: float) -> list[Mark]:
        there = {mark.id for mark in marks}
        tried = self._tried = {number: one for number, one in self._tried.items() if number in there}
        return [
            mark
            for mark in marks
            if mark.id not in tried or (tried[mark.id].count < _TRIES and now >= tried[mark.id].again_at)
        ]

    def _can_wait(self, mark: Mark, now: float) -> bool:
        """Whether a run was described a moment ago and goes on, so that what it ends as is to be described anyway."""
        at = self._described_at.get(mark.key) if mark.kind == RecordKind.RUN else None
        return at is not None and now - at < _GOES_ON_S and runs.is_over(self._desk.db, mark.key) is False

    def _begin(self, kind: RecordKind, acts: _Acts) -> None:
        for mark in outbox.waiting(self._desk.db, (kind,), _AT_ONCE):
            if mark.key not in acts.under_way:
                acts.under_way[mark.key] = mark.id
                acts.work(mark.key, lambda mark=mark: self._done(acts, mark))  # type: ignore[misc]

    def _done(self, acts: _Acts, mark: Mark) -> None:
        outbox.clear(self._desk.db, [mark])

        def forget() -> None:
            acts.under_way.pop(mark.key, None)

        self._desk.afterwards(forget)

    def _written(self, result: Written | Failed) -> None:
        self._is_writing = self._has_trouble = False
        now = clock.monotonic()
        self._next_at = now + min(max(_PAUSE_S, _PART * (now - self._begun_at)), _LONGEST_PAUSE_S)
        self._seen = -1
        if isinstance(result, Failed):
            self._wait(result.error)
            return
        self._store(result)
        if result.trouble is not None:
            self._wait(result.trouble)

    def _store(self, result: Written) -> None:
        for mark in result.failed:
            tried = self._tried.setdefault(mark.id, _Tried())
            tried.count += 1
            tried.again_at = clock.monotonic() + RETRY_S * tried.count
        if result.done:
            with self._desk.commit():
                outbox.clear(self._desk.db, result.done)
                # What lists say of runs that ended or changed: in the same step, as each has its flush.
                kept.keep(self._desk.db, _AT_ONCE)
            for mark in result.done:
                self._tried.pop(mark.id, None)
            now = clock.monotonic()
            known = {key: at for key, at in self._described_at.items() if now - at < _GOES_ON_S}
            self._described_at = known | {one.key: now for one in result.done if one.kind == RecordKind.RUN}

    def _wait(self, error: object) -> None:
        """Begin again a while later: a full disk heals by itself."""
        self._next_at = clock.monotonic() + RETRY_S
        self._has_trouble = True
        if isinstance(error, StorageError):
            self._desk.put_off(self._desk.woken.set, error)

    def close(self) -> None:
        """Write what is left, as far as that is quick; the next engine does the rest. Workers have ended before."""
        self._stop.clear()
        until = clock.monotonic() + _LAST_TURN_S
        after = 0
        while marks := outbox.waiting(self._desk.db, MANIFESTS, _AT_ONCE, after):
            result = self._desk.records.write(marks, lambda: clock.monotonic() > until)
            self._store(result)
            if result.trouble is not None or clock.monotonic() > until:
                return
            after = marks[-1].id

    def stop(self) -> None:
        """Have the turn under way end soon, because the engine ends."""
        self._stop.set()
