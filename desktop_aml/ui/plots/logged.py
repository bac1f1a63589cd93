"""Points that were just logged as arrays, without an object for each: very many may come at once.

Imports numpy: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

import numpy as np

from desktop_aml.domain.metrics import CurveColumns, PointColumns, Scalar, number_of
from desktop_aml.domain.summaries.extremes import Floats


def columns_of(name: str, points: PointColumns) -> CurveColumns:
    """Return points that follow one another as arrays."""
    exact: dict[int, Scalar] = {}
    values = points.values
    if set(map(type, values)) != {float}:
        exact = {index: value for index, value in enumerate(values, points.first) if not isinstance(value, float)}
        values = [number_of(value) for value in values]
    indexes = range(points.first, points.first + len(points))
    has_steps = points.steps.count(None) < len(points)
    steps: Floats = np.arange(indexes.start, indexes.stop, dtype=np.float64)
    if has_steps:
        known = zip(indexes, points.steps, strict=True)
        steps = np.array([index if step is None else step for index, step in known], dtype=np.float64)
    times, numbers = (np.array(column, dtype=np.float64) for column in (points.times, values))
    return CurveColumns(name, points.first, steps, times, numbers, exact, has_steps)
