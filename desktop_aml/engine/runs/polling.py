"""When scripts that go on are looked at: some times a second, and at once where somebody tells of an end.

The engine's loop turns for much else as well, and each look asks the system of each process.
"""

from __future__ import annotations

from typing import Final

from desktop_aml.system import clock

EVERY_S: Final = 0.09
"""For what nobody tells of, such as supervisors that an earlier engine started; just below the loop's own pause."""


class Polling:
    """Says when it is time to look at all of them."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def soon(self) -> None:
        """Have the next look come with the next turn: a script may have ended, or is to. Safe from any thread."""
        self._next_at = 0.0

    def is_due(self) -> bool:
        """Whether to look now; whoever asks does so when it is."""
        now = clock.monotonic()
        if now < self._next_at:
            return False
        self._next_at = now + EVERY_S
        return True
