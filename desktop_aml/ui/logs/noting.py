"""What is known beside a log, as it is read: the colours of its lines come from it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop_aml.domain.summaries.log_notes import LogNotes
from desktop_aml.ui.logs.ansi import Line
from desktop_aml.ui.logs.tracebacks import TracebackMarker

ReadNotes = Callable[[LogNotes], LogNotes]
"""Reads the notes on a log; given what was read before, which comes back where nothing has changed."""


class Noting:
    """Holds the notes on one log, and gives its lines their colours, in order.

    Parameters
    ----------
    read : callable, optional
        None for a log on which nobody takes notes.
    """

    def __init__(self, read: ReadNotes | None) -> None:
        self._read = read
        self._marker = TracebackMarker()
        self.notes = LogNotes()
        self.concerns_shown = read is not None
        """Whether the log that is shown is the one that the notes are on."""

    def read(self) -> LogNotes:
        """Return the notes by now; for any thread."""
        return self.notes if self._read is None or not self.concerns_shown else self._read(self.notes)

    def begin_elsewhere(self) -> None:
        """Forget the traceback that one is in: other lines follow than those that stand behind the last ones."""
        self._marker = TracebackMarker()

    def take(self, lines: Sequence[Line], places: Sequence[int]) -> list[tuple[Line, int]]:
        """Return lines in their colours, with the byte of each.

        Parameters
        ----------
        places : sequence of int
            The byte with which each line begins, and the one behind the last.
        """
        is_error = self.notes.is_error if self.concerns_shown else LogNotes().is_error
        found = []
        for line, start, end in zip(lines, places, places[1:], strict=False):
            # The line break may be of the other stream.
            found.append((self._marker.mark(line, is_error=is_error(start, max(start, end - 1))), start))
        return found
