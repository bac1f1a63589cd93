"""The clock by which the engine waits: a seam, so that a simulation can let hours pass in no time."""

from __future__ import annotations

import time


def monotonic() -> float:
    """Return seconds that only rise, whatever is done to the computer's time of day."""
    return time.monotonic()
