"""Which points a run has already: MLflow keeps the same point once, so that a call that is tried again adds nothing."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

from desktop_aml.workspace.tracking.newest import Newest
from desktop_aml.workspace.tracking.reading import RunReader
from desktop_aml.workspace.tracking.values import TrackedMetric

_REMEMBERED: Final = 20_000
"""Points of a metric that are looked back at; a client tries again within minutes."""

_RUNS: Final = 64
"""Runs whose points are remembered; of others they are read again."""


class _Seen:
    """The newest points of one metric."""

    def __init__(self) -> None:
        self._order: deque[tuple[int, int, float]] = deque()
        self._all: set[tuple[int, int, float]] = set()

    def add(self, point: tuple[int, int, float]) -> bool:
        """Take a point; False when it is there."""
        if point in self._all:
            return False
        self._all.add(point)
        self._order.append(point)
        if len(self._order) > _REMEMBERED:
            self._all.discard(self._order.popleft())
        return True

    def __contains__(self, point: object) -> bool:
        return point in self._all


class KnownPoints:
    """The points of the runs that one tracker writes to."""

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._seen = Newest[str, dict[str, _Seen]](_RUNS)

    def new(self, run_id: str, points: Sequence[TrackedMetric]) -> list[TrackedMetric]:
        """Return the points that the run has not."""
        found, here = [], dict[str, tuple[_Seen, set[tuple[int, int, float]]]]()
        for one in points:
            if one.key not in here:
                here[one.key] = self._of(run_id, one.key), set()
            stored, given = here[one.key]
            identity = _identity(one)
            if identity not in stored and identity not in given:
                given.add(identity)
                found.append(one)
        return found

    def add(self, run_id: str, points: Sequence[TrackedMetric]) -> None:
        """Note points that were stored."""
        of_keys = {key: self._of(run_id, key) for key in {one.key for one in points}}
        for one in points:
            of_keys[one.key].add(_identity(one))

    def _of(self, run_id: str, key: str) -> _Seen:
        of_run = self._seen.of(run_id, dict)
        if key not in of_run:
            of_run[key] = self._read(run_id, key)
        return of_run[key]

    def _read(self, run_id: str, key: str) -> _Seen:
        seen = _Seen()
        for one in self._reader.history(run_id, key)[-_REMEMBERED:]:
            seen.add(_identity(one))
        return seen


def _identity(one: TrackedMetric) -> tuple[int, int, float]:
    # NaN is not equal to itself: a number that nobody logs stands for it.
    return one.step, one.timestamp_ms, -math.pi * 1e300 if math.isnan(one.value) else one.value
