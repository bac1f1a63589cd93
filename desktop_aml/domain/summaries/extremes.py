"""The few points of a curve that show how it runs: least, greatest and a gap of each bucket of points.

Imports numpy: what is loaded before the window's first paint must not import this one.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

NO_GAP: Final = -1

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Gaps: TypeAlias = NDArray[np.bool_]


def bucket_size(count: int, max_buckets: int, size: int = 1) -> int:
    """Return how many of `count` points share a bucket: a power of two times `size`, so that buckets can be united."""
    while count > size * max_buckets:
        size *= 2
    return size


def extremes(y: Floats, size: int, offset: int = 0) -> Indices:
    """Return the places of the least, the greatest and the first NaN of each bucket of `size` values.

    Returns
    -------
    array of int, shape (n_buckets, 3)
        Counted from `offset`; of equal ones the first. Where there is no NaN the third is `NO_GAP`.
    """
    missing = -len(y) % size
    padded = np.concatenate([y, np.full(missing, y[-1])]) if missing else y
    table = padded.reshape(-1, size)
    gaps = np.isnan(table)
    starts: Indices = np.arange(len(table), dtype=np.int64) * size + offset
    last = offset + len(y) - 1
    has_gaps = gaps.any(axis=1)
    if has_gaps.any():
        low, high = _least(table, gaps), _least(-table, gaps)
    else:
        low, high = table.argmin(axis=1), table.argmax(axis=1)
    gap = np.where(has_gaps, np.minimum(starts + gaps.argmax(axis=1), last), NO_GAP)
    return np.stack([np.minimum(starts + low, last), np.minimum(starts + high, last), gap], axis=1)


def united(places: Indices, values: Floats, size: int) -> Indices:
    """Return which rows hold the extremes of every `size` rows together.

    Parameters
    ----------
    places : array of int, shape (n, 3)
        As `extremes` returns them.
    values : array of float, shape (n, 2)
        Of the first two; NaN where a bucket has no number.

    Returns
    -------
    array of int, shape (n_buckets, 3)
        The row of the least, of the greatest and of the first gap. Where none has a gap, a row that has none.
    """
    found = []
    for column in (values[:, 0], -values[:, 1], (places[:, 2] == NO_GAP).astype(np.float64)):
        missing = -len(column) % size
        padded = np.concatenate([column, np.full(missing, np.nan)]).reshape(-1, size)
        found.append(_least(padded, np.isnan(padded)) + np.arange(len(padded), dtype=np.int64) * size)
    return np.stack(found, axis=1)


def _least(table: Floats, gaps: Gaps) -> Indices:
    """Return the column of the least number of each row: of a row without numbers the first."""
    found: Indices = np.where(gaps, np.inf, table).argmin(axis=1)
    # What stands for a gap is no less than an infinity, which may stand behind it.
    is_gap = gaps[np.arange(len(table)), found]
    return np.where(is_gap, gaps.argmin(axis=1), found) if is_gap.any() else found


def in_drawing_order(places: Indices) -> Indices:
    """Return the extremes of buckets as they are drawn: by place, ``-place - 1`` for the gap, or the second again."""
    first, second = places[:, :2].min(axis=1), places[:, :2].max(axis=1)
    return np.stack([first, second, np.where(places[:, 2] == NO_GAP, second, -places[:, 2] - 1)], axis=1)


def each_once(drawn: Indices) -> Indices:
    """Return what `in_drawing_order` returned as one row of places, without those that stand for no gap."""
    again: Indices = np.zeros(drawn.shape, dtype=bool)
    again[:, 2] = drawn[:, 2] == drawn[:, 1]
    return drawn.ravel()[~again.ravel()]
