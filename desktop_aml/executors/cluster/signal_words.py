"""Signals by name."""

from __future__ import annotations

import signal


def words_for_signal(number: int) -> str:
    """Return the signal of a number in words, such as “signal 9 (SIGKILL)”."""
    names = {int(known): known.name for known in signal.Signals}
    return f"signal {number} ({names.get(number, 'real-time signal')})"
