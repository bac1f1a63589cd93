"""Whether a run that goes on seems stalled: it prints nothing, logs nothing, and its processes use no processor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.summaries.machine_use import UsePoint

STALLED_AFTER_S: Final = 600.0

QUIET_CORES: Final = 0.01
"""What threads that only wait for something use of one core, at most."""


def quiet_for(curve: Sequence[UsePoint], *, sampled_at: float, written_at: float, now: float) -> float:
    """Return for how many seconds a run has done nothing that can be seen.

    Parameters
    ----------
    curve : sequence of UsePoint
        What its processes used, the latest last.
    sampled_at : float
        When the latest was measured; Unix time, as the others are.
    written_at : float
        When its log or its journal last grew.
    """
    if not curve or now - sampled_at > STALLED_AFTER_S:
        return 0.0  # nobody measures it, so nobody knows
    began = sampled_at - curve[-1].seconds
    busy = [point.seconds for point in curve if point.cores > QUIET_CORES]
    return max(0.0, now - max(written_at, began + (busy[-1] if busy else 0.0)))


def words(quiet_s: float) -> str:
    """Return in words that a run seems stalled; empty while it does not."""
    if quiet_s < STALLED_AFTER_S:
        return ""
    return f"Seems stalled: nothing printed or logged and no processor time for {quiet_s // 60:.0f} min."
