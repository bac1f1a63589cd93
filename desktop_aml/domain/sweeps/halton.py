"""Halton's sequence with exchanged digits: points that fill a cube more evenly than chance does, in any number.

Any point is found by its place alone, so nothing of a sequence has to be kept. Plain arithmetic, no I/O.

References
----------
A. B. Owen, A randomized Halton algorithm in R, arXiv:1706.02808 (2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from random import Random

_SMALLEST = 2.0**-40
"""Digits are taken until what they add is smaller than this."""


class Halton:
    """One sequence.

    Parameters
    ----------
    dimensions : int
        How many numbers a point has.
    seed : int
        Decides how digits are exchanged: other seeds give other, equally even sequences.
    """

    def __init__(self, dimensions: int, seed: int) -> None:
        self._seed = seed
        self._bases = tuple(islice(_primes(), dimensions))
        self._digits: dict[tuple[int, int], tuple[int, ...]] = {}

    def point(self, place: int) -> tuple[float, ...]:
        """Return the point at a place from 0; each number is greater than 0 and less than 1."""
        return tuple(self._inverse(place, base) for base in self._bases)

    def _inverse(self, place: int, base: int) -> float:
        """Return the digits of `place` behind the point, exchanged at each position, also where they are 0."""
        found, width, position = 0.0, 1.0 / base, 0
        while width > _SMALLEST:
            place, digit = divmod(place, base)
            found += self._exchanged(base, position)[digit] * width
            width /= base
            position += 1
        # In the middle of what the digits leave open: no end of a range, whose normal quantile is infinite.
        return found + width * base / 2

    def _exchanged(self, base: int, position: int) -> tuple[int, ...]:
        known = self._digits.get((base, position))
        if known is None:
            digits = list(range(base))
            Random(f"{self._seed}:{base}:{position}").shuffle(digits)  # noqa: S311 - no secret depends on it
            known = self._digits[base, position] = tuple(digits)
        return known


def _primes() -> Iterator[int]:
    found: list[int] = []
    for number in count(2):
        if all(number % prime for prime in found):
            found.append(number)
            yield number
