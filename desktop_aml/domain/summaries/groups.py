"""Runs that are the same in one thing, as one line of a table: how many, and mean and deviation of what they logged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and deviation of numbers.

    Parameters
    ----------
    deviation : float or None
        Of a sample; None for a single number.
    """

    mean: float
    deviation: float | None
    count: int


@dataclass(frozen=True, slots=True)
class RunGroup:
    """One group.

    Parameters
    ----------
    name : str
        What its runs have in common; empty for those that do not have it at all.
    metrics : mapping of str to Spread
        Of the last values of its runs, where they are finite numbers.
    """

    name: str
    count: int
    is_open: bool = False
    metrics: Mapping[str, Spread] = field(default_factory=dict)


class Spreading:
    """Counts numbers one by one, exactly enough for any number of them."""

    def __init__(self) -> None:
        self._count, self._mean, self._squares = 0, 0.0, 0.0

    def add(self, number: float) -> None:
        """Count one."""
        self._count += 1
        apart = number - self._mean
        self._mean += apart / self._count
        self._squares += apart * (number - self._mean)

    def spread(self) -> Spread:
        """Return what was counted."""
        deviation = math.sqrt(self._squares / (self._count - 1)) if self._count > 1 else None
        return Spread(self._mean, deviation, self._count)
