"""Which values have a place on a plot, and on a log scale. Its ticks are decided in `value_axis`.

Imports numpy: only modules that are loaded after the first paint may import this one. Draws nothing.
"""

from __future__ import annotations

import numpy as np

from desktop_aml.domain.summaries.extremes import Floats


def drawable(values: Floats, *, log: bool) -> Floats:
    """Return values as they are drawn: NaN where nothing can be, the decimal logarithm if `log`."""
    result = np.where(np.isfinite(values), values, np.nan)
    if log:
        result = np.log10(np.where(result > 0, result, np.nan))
    return result
