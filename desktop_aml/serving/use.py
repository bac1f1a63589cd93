"""How an endpoint is used: what it was asked since it began to serve, and how long its answers took.

Counted in the front, which alone sees every request, and written to ``use.json`` now and then: figures to look at, not
a record. Requests for health and description are not counted, and of no request is kept what it held.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.summaries.endpoint_use import (
    REQUESTS,
    SPAN_S,
    SPANS,
    AnsweredRequest,
    EndpointUse,
    UseSpan,
)
from desktop_aml.system.files import read_regular, write_whole

USE_FILE: Final = "use.json"
WRITE_EVERY_S: Final = 1.0
_LAST: Final = 1000
"""Answers whose times are looked at."""
_MINUTE_S: Final = 60
_FAULT: Final = 500
_REFUSAL: Final = 400


class Tally:
    """Counts the answers of one front.

    Parameters
    ----------
    clock : callable
        Unix time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self._by_kind = [0, 0, 0]
        self._took_s: deque[float] = deque(maxlen=_LAST)
        self._seconds: deque[list[int]] = deque()
        """Whole seconds of the last minute in which something was answered, each with how many."""
        self._spans: deque[list[float]] = deque(maxlen=SPANS)
        """Number of the span, answers, refused and failed ones, seconds in all, and of the slowest."""
        self._requests: deque[tuple[float, int, float, int | None]] = deque(maxlen=REQUESTS)
        self._written = (-1, 0)

    @property
    def total(self) -> int:
        """How many requests were answered, in whatever way."""
        return sum(self._by_kind)

    def count(self, status: int, took_s: float, rows: int | None = None) -> None:
        """Count one answer."""
        kind = (status >= _REFUSAL) + (status >= _FAULT)
        self._by_kind[kind] += 1
        self._took_s.append(took_s)
        now = self._clock()
        second = int(now)
        self._requests.append((now, status, took_s, rows))
        number = second // SPAN_S
        if not self._spans or self._spans[-1][0] != number:
            self._spans.append([number, 0, 0, 0, 0.0, 0.0])
        span = self._spans[-1]
        span[1] += 1
        if kind:
            span[1 + kind] += 1
        span[4] += took_s
        if took_s > span[5]:
            span[5] = took_s
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1][1] += 1
        else:
            self._seconds.append([second, 1])
            self._last_minute(second)

    def told(self) -> EndpointUse:
        """Return what is known now."""
        now = self._clock()
        took = sorted(self._took_s)
        answered, refused, failed = self._by_kind
        return EndpointUse(
            since=self._since,
            at=now,
            answered=answered,
            refused=refused,
            failed=failed,
            last_minute=self._last_minute(int(now)),
            median_ms=_within(took, 0.5),
            most_ms=_within(took, 0.95),
            spans=tuple(_span(held) for held in self._spans if held[0] > now / SPAN_S - SPANS),
            requests=tuple(
                AnsweredRequest(round(at, 3), status, round(1000 * took_s, 3), rows)
                for at, status, took_s, rows in self._requests
            ),
        )

    def write(self, endpoint_dir: Path) -> None:
        """Write down what changed since the last time.

        Raises
        ------
        OSError
            When it cannot be written.
        """
        told = self.told()
        if (told.total, told.last_minute) != self._written:
            write_whole(endpoint_dir / USE_FILE, msgspec.json.encode(told))
            self._written = told.total, told.last_minute

    def _last_minute(self, second: int) -> int:
        while self._seconds and self._seconds[0][0] <= second - _MINUTE_S:
            self._seconds.popleft()
        return sum(many for _, many in self._seconds)


def _span(held: list[float]) -> UseSpan:
    number, count, refused, failed, seconds, most_s = held
    mean_ms = round(1000 * seconds / count, 3)
    return UseSpan(number * SPAN_S, int(count), int(refused), int(failed), mean_ms, round(1000 * most_s, 3))


def _within(took_s: list[float], share: float) -> float | None:
    """Return the milliseconds within which a share of sorted seconds lies."""
    return round(1000 * took_s[math.ceil(share * len(took_s)) - 1], 3) if took_s else None


def read_use(endpoint_dir: Path) -> EndpointUse | None:
    """Return how an endpoint was used since it began to serve; None where nobody counts, or nothing is known."""
    try:
        return msgspec.json.decode(read_regular(endpoint_dir / USE_FILE), type=EndpointUse)
    except (OSError, msgspec.MsgspecError):
        # The next figures take its place.
        return None
