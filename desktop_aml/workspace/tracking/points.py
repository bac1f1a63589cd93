"""Which points a run has already: MLflow keeps the same point once, so that a call that is tried again adds nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from desktop_aml.workspace.tracking.newest import Newest
from desktop_aml.workspace.tracking.reading import RunReader
from desktop_aml.workspace.tracking.values import TrackedMetric

_REMEMBERED: Final = 20_000
"""Points of a metric that are looked back at; a client tries again within minutes."""

_RUNS: Final = 64
"""Runs whose points are remembered; of others they are read again."""


_Identity = tuple[str, int, int, float]


class _Seen:
    """The newest points of one metric."""

    def __init__(self) -> None:
        self._order: deque[_Identity] = deque()
        self.all: set[_Identity] = set()

    def add(self, point: _Identity) -> None:
        """Take a point."""
        if point in self.all:
            return
        self.all.add(point)
        self._order.append(point)
        if len(self._order) > _REMEMBERED:
            self.all.discard(self._order.popleft())


@dataclass(frozen=True, slots=True)
class _OfRun:
    """The points of one run by the name of their metric; `earlier` are the names that it had when it was met."""

    earlier: AbstractSet[str]
    seen: dict[str, _Seen] = field(default_factory=dict)


class KnownPoints:
    """The points of the runs that one tracker writes to."""

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._seen = Newest[str, _OfRun](_RUNS)

    def new(self, run_id: str, points: Sequence[TrackedMetric]) -> dict[_Identity, TrackedMetric]:
        """Return the points that the run has not, each once, in the order that they came in."""
        given = {one.identity(): one for one in points}
        stored = {key: self._of(run_id, key).all for key in {one.key for one in points}}
        return {identity: one for identity, one in given.items() if identity not in stored[identity[0]]}

    def add(self, run_id: str, points: Iterable[_Identity]) -> None:
        """Note points that were stored."""
        of_keys: dict[str, _Seen] = {}
        for one in points:
            if one[0] not in of_keys:
                of_keys[one[0]] = self._of(run_id, one[0])
            of_keys[one[0]].add(one)

    def _of(self, run_id: str, key: str) -> _Seen:
        of_run = self._seen.of(run_id, lambda: _OfRun(set(self._reader.run(run_id).metrics)))
        if key not in of_run.seen:
            # Of a name that is new nothing has to be looked for.
            of_run.seen[key] = self._read(run_id, key) if key in of_run.earlier else _Seen()
        return of_run.seen[key]

    def _read(self, run_id: str, key: str) -> _Seen:
        seen = _Seen()
        for one in self._reader.history(run_id, key)[-_REMEMBERED:]:
            seen.add(one.identity())
        return seen
