"""What is known beside a log: when it had grown how far, and which parts were written as standard error."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

TIMES: Final = "std_log.times"
"""In the run's ``logs``: pairs of microseconds since 1970 and bytes."""

ERRORS: Final = "std_log.errors."
"""How the files begin that hold the first byte of a part and the one behind it, each of one process."""

_LATEST_S: Final = 253_402_300_799.0
"""The end of the year 9999: a script can write there, too, and no calendar goes further."""


@dataclass(frozen=True, slots=True)
class LogNotes:
    """Notes on a log.

    Parameters
    ----------
    sizes : array of int
        Bytes that the log had, growing.
    times : array of float
        Seconds since 1970, one for each of `sizes`.
    starts, ends : array of int
        First byte of each part that was written as standard error, and the one behind it; they do not overlap.
    marks : object
        Equal to those of later notes when nothing has changed.
    """

    sizes: array[int] = field(default_factory=lambda: array("q"))
    times: array[float] = field(default_factory=lambda: array("d"))
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    marks: object = None

    def time_of(self, byte: int) -> float | None:
        """Return when a byte of the log was there at the latest, in seconds since 1970; None where that is unknown."""
        place = bisect_right(self.sizes, byte)
        return self.times[place] if byte >= 0 and place < len(self.sizes) else None

    def is_error(self, start: int, end: int) -> bool:
        """Whether at least half of the bytes from `start` to before `end` were written as standard error."""
        if end <= start:
            return False
        place = max(0, bisect_right(self.starts, start) - 1)
        covered = 0
        while place < len(self.starts) and self.starts[place] < end:
            covered += max(0, min(end, self.ends[place]) - max(start, self.starts[place]))
            place += 1
        return 2 * covered >= end - start


def notes_of(times: bytes, errors: Iterable[bytes], marks: object = None) -> LogNotes:
    """Return what files of notes say; torn ends and what makes no sense are ignored.

    A log that was truncated grows again from where it was cut: what was noted of the bytes before counts no more.
    """
    sizes, moments = array("q"), array("d")
    for moment, size in _pairs(times):
        seconds = moment / 1e6
        if not 0 <= seconds <= _LATEST_S or size < 0:
            continue
        while sizes and sizes[-1] >= size:
            sizes.pop()
            moments.pop()
        sizes.append(size)
        moments.append(seconds)
    starts, ends = array("q"), array("q")
    for start, end in sorted(pair for data in errors for pair in _parts(data)):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return LogNotes(sizes, moments, starts, ends, marks)


def _parts(data: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in _pairs(data):
        if 0 <= start < end:
            while found and found[-1][1] > start:
                found.pop()
            found.append((start, end))
    return found


def _pairs(data: bytes) -> Iterable[tuple[int, int]]:
    numbers = array("q")
    numbers.frombytes(data[: len(data) // 16 * 16])
    if sys.byteorder == "big":
        numbers.byteswap()
    return zip(numbers[0::2], numbers[1::2], strict=True)
