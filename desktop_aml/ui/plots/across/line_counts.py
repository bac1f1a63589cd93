"""How many of very many lines pass through each pixel: a picture of 10,000 runs within a frame.

Drawing so many lines one by one takes seconds. Here each column of pixels is counted at once, and when some lines come
and others go, only these are counted. Imports numpy; draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

Counts: TypeAlias = NDArray[np.int32]
Rows: TypeAlias = NDArray[np.float32]
Marks: TypeAlias = NDArray[np.bool_]

_SHADES: Final = 256


class LineCounts:
    """Lines over fixed columns of pixels; each runs straight from one axis to the next.

    Parameters
    ----------
    columns : sequence of int
        The columns of pixels at which the axes stand, in rising order.
    heights : array of float, shape (n_lines, n_axes)
        Where each line crosses each axis, in pixels from the top.
    height : int
        Of the picture in pixels.
    """

    def __init__(self, columns: Sequence[int], heights: Rows, height: int) -> None:
        self._columns = columns
        self._heights = np.clip(heights, 0, height - 1).astype(np.float32)
        # A line adds one where it begins in a column and takes it away below its end: sums down a column are counts.
        self._edges: Counts = np.zeros((max(columns, default=0) + 1, height + 1), dtype=np.int32)
        self._shown: Marks = np.zeros(len(heights), dtype=bool)

    def show(self, wanted: Marks) -> None:
        """Count these lines and no others: the fewer change, the quicker."""
        come, gone = wanted & ~self._shown, self._shown & ~wanted
        if come.sum() + gone.sum() > wanted.sum():
            self._edges[:] = 0
            self._count(wanted, 1)
        else:
            self._count(come, 1)
            self._count(gone, -1)
        self._shown = wanted.copy()

    def counts(self) -> Counts:
        """Return the number of lines in each pixel, columns first."""
        summed: Counts = np.cumsum(self._edges[:, :-1], axis=1, dtype=np.int32)
        return summed

    def _count(self, lines: Marks, sign: int) -> None:
        chosen = self._heights[lines]
        for place in range(len(self._columns) - 1):
            first, width = self._columns[place], self._columns[place + 1] - self._columns[place]
            rise = chosen[:, place + 1] - chosen[:, place]
            for part, goes_down in ((rise >= 0, True), (rise < 0, False)):
                self._count_alike(chosen[part, place], rise[part], (first, width), sign, goes_down=goes_down)

    def _count_alike(self, start: Rows, rise: Rows, where: tuple[int, int], sign: int, *, goes_down: bool) -> None:
        """Count lines that all go down, or all go up, between two axes."""
        if not len(start):
            return
        first, width = where
        size = self._edges.shape[1]
        # Where a line leaves a column it enters the next, and both pixels count: no steep line has holes.
        before = start.astype(np.intp)
        for column in range(width):
            after = (start + rise * np.float32((column + 1) / width)).astype(np.intp)
            top, below = (before, after + 1) if goes_down else (after, before + 1)
            change = np.bincount(top, minlength=size) - np.bincount(below, minlength=size)
            self._edges[first + column] += (sign * change).astype(np.int32)
            before = after


def shaded(counts: Counts, color: QColor, faintest: float, darkest: float) -> NDArray[np.uint32]:
    """Return premultiplied ARGB pixels, rows first: the more lines, the less is seen through; nothing where none is.

    Parameters
    ----------
    faintest, darkest : float
        How much of the color one line has, and the pixel with the most; from 0 to 1.
    """
    most = max(2, int(counts.max(initial=0)))
    shares = np.log(np.arange(1, _SHADES)) / np.log(min(most, _SHADES - 1))
    alphas = np.concatenate([[0.0], np.minimum(1.0, faintest + (darkest - faintest) * shares)])
    parts = [np.rint(alphas * part).astype(np.uint32) for part in (255, color.red(), color.green(), color.blue())]
    table = parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]
    return np.ascontiguousarray(table[np.minimum(counts, _SHADES - 1)].T)
