"""What a table says of one metric of a run. It imports nothing: lists of runs begin with it."""

from __future__ import annotations

from typing import NamedTuple


class MetricSummary(NamedTuple):
    """What a table says of one metric of a run. A list of runs makes very many: a tuple is made in a fifth of the time.

    Parameters
    ----------
    first, last : float, int, str, bool or None
        As they were logged, texts cut to 100 letters; *last* is the last one written.
    least, greatest : float, int, bool or None
        Of all that are numbers; NaN where there is nothing but NaN, None where there is no number.
    count : int
        How many values were logged.
    """

    first: float | int | str | bool | None = None
    last: float | int | str | bool | None = None
    least: float | int | str | bool | None = None
    greatest: float | int | str | bool | None = None
    count: int = 0  # type: ignore[assignment]  # the method of tuples by this name is nobody's wish here
