"""What a table says of one metric of a run. It imports nothing: lists of runs begin with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """What a table says of one metric of a run.

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
    count: int = 0
