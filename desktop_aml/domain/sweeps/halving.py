"""Rungs and brackets of successive halving: at which reports trials are compared, and with which others.

At a rung one in so many of the trials that came to it goes on. As in asynchronous halving nobody waits there: a trial
is compared with those that came before it. Hyperband has brackets of trials that are compared among themselves only,
each of which begins a rung later than the one before, so that trials that are slow to get good have a chance, too.

References
----------
L. Li et al., A system for massively parallel hyperparameter tuning, arXiv:1810.05934; L. Li et al., Hyperband,
arXiv:1603.06560.
"""

from __future__ import annotations

from functools import lru_cache


def is_rung(report: int, first: int, reduction: int, most: int = 0) -> bool:
    """Whether trials are compared at a report: the first rung, and each so many times later.

    Parameters
    ----------
    most : int
        Where a trial is over by itself, so that nothing is to be decided there; 0 for a number that is not known.
    """
    if most and report >= most:
        return False
    rung = first
    while rung < report:
        rung *= reduction
    return rung == report


def brackets(least: int, reduction: int, most: int) -> int:
    """Return how many brackets there are; one without a known number of reports."""
    found, first = 1, least * reduction
    while most and first < most:
        found, first = found + 1, first * reduction
    return found


def bracket(trial: int, least: int, reduction: int, most: int) -> int:
    """Return the bracket of a trial, from 0: it follows from its number alone.

    Brackets whose trials are stopped early get more of them, so that each costs about the same.
    """
    count = brackets(least, reduction, most)
    return _pattern(count, reduction, _rounded_up(trial + 1))[trial] if count > 1 else 0


def _rounded_up(number: int) -> int:
    return 1 << (number - 1).bit_length()


@lru_cache(maxsize=32)
def _pattern(count: int, reduction: int, length: int) -> tuple[int, ...]:
    """Return the brackets of the first trials: always the one that lies furthest behind its share."""
    shares = [reduction ** (count - 1 - one) / (count - one) for one in range(count)]
    given = [0] * count
    found = []
    for _ in range(length):
        chosen = min(range(count), key=lambda one: (given[one] + 1) / shares[one])
        given[chosen] += 1
        found.append(chosen)
    return tuple(found)
