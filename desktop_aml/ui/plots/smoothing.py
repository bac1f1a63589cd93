"""Smoothing of a curve: each value with what came before it, exponentially less.

Imports numpy: only modules that are loaded after the first paint may import this one. Draws nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from desktop_aml.domain.summaries.extremes import Floats

_LEAST_POWER: Final = 1e-100
"""How far the weights within one part may fall: their reciprocals are summed, and must not overflow."""


def smoothed(values: Floats, weight: float) -> Floats:
    """Return the exponential mean of the values up to each one.

    The mean is divided by the sum of its weights, so that it begins at the first value and not at 0. What is not
    finite is passed over and stays as it is.

    Parameters
    ----------
    weight : float
        From 0, each value as it is, to below 1: how much of the mean before is kept.

    Raises
    ------
    ValueError
        When `weight` is not from 0 to below 1.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"weight is {weight}")
    is_finite = np.isfinite(values)
    finite = values[is_finite]
    if not weight or not len(finite):
        return values
    # Divided by the greatest, the sums of numbers near the ends of what a float holds do not overflow either.
    scale = float(np.abs(finite).max()) or 1.0
    means = np.empty_like(finite)
    # As a sum of v[j] * w**-j up to j = i, times w**i: numpy sums as fast as it copies. Part by part, for the powers.
    size = max(1, int(np.log(_LEAST_POWER) / np.log(weight)))
    powers = weight ** np.arange(1, min(size, len(finite)) + 1, dtype=np.float64)
    before = 0.0
    for start in range(0, len(finite), size):
        part = finite[start : start + size] / scale
        falling = powers[: len(part)]
        sums = falling * (before + (1 - weight) * np.cumsum(part / falling))
        means[start : start + size] = sums
        before = float(sums[-1])
    count: Floats = np.arange(1, len(finite) + 1, dtype=np.float64)
    # -expm1(n log w) is 1 - w**n without losing digits for weights near 1.
    # A mean lies among its values, which rounding must not push beyond what a float holds.
    means = np.clip(means / -np.expm1(count * np.log(weight)), -1.0, 1.0) * scale
    result = values.copy()
    result[is_finite] = means
    return result
