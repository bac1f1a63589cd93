"""Follow a growing log: bounded reads, decoding over chunk borders, skipping ahead when the writer is faster.

No Qt and no threads: the caller decides when and where `poll` runs.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.runs import LogChunk
from desktop_aml.ui.logs.ansi import AnsiParser, Line

CHUNK_BYTES: Final = 128 * 1024
"""What one poll reads at most: about as many lines as a text view takes in within a frame."""

MAX_BEHIND_BYTES: Final = 8 * 1024 * 1024
"""A reader that is further behind than this skips ahead."""

KEEP_BYTES: Final = 2 * 1024 * 1024
"""How much before the end is still shown after a skip."""

ReadLog = Callable[[int, int], LogChunk]
"""Reads at most `limit` bytes from `offset` on."""


@dataclass(frozen=True, slots=True)
class LogUpdate:
    """What one poll brought.

    Parameters
    ----------
    lines : tuple of Line
        Lines that are complete now.
    open_line : Line
        The line that is still being written.
    places : tuple of int
        The byte with which each of `lines` begins, and at the end that of `open_line`.
    skipped_bytes : int
        Bytes that were passed over before `lines`.
    was_truncated : bool
        The file became shorter: what follows starts from its beginning.
    is_behind : bool
        More can be read at once.
    total_bytes : int
        Size of the file.
    """

    lines: tuple[Line, ...] = ()
    open_line: Line = ()
    places: tuple[int, ...] = ()
    skipped_bytes: int = 0
    was_truncated: bool = False
    is_behind: bool = False
    total_bytes: int = 0


class LogFollower:
    """Reads a log from its beginning to wherever its end is.

    Parameters
    ----------
    read : callable
        ``read(offset, limit)`` gives a `LogChunk`.
    start : int
        The byte to begin behind: with the line that follows it.
    """

    def __init__(
        self,
        read: ReadLog,
        *,
        chunk_bytes: int = CHUNK_BYTES,
        max_behind_bytes: int = MAX_BEHIND_BYTES,
        keep_bytes: int = KEEP_BYTES,
        start: int = 0,
    ) -> None:
        self._read = read
        self._chunk_bytes = chunk_bytes
        self._max_behind_bytes = max_behind_bytes
        self._keep_bytes = keep_bytes
        self._offset = self._line_start = start
        self._start_over()
        self._drops_to_line_end = start > 0

    def _start_over(self) -> None:
        # Bytes that are no UTF-8 become replacement characters; the file keeps them exactly.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._parser = AnsiParser()
        self._drops_to_line_end = False

    def poll(self) -> LogUpdate:
        """Read the next chunk, if there is one."""
        chunk = self._read(self._offset, self._chunk_bytes)
        was_truncated = chunk.total_bytes < self._offset
        if was_truncated:
            self._offset = 0
            self._start_over()
            chunk = self._read(0, self._chunk_bytes)
        skipped = chunk.truncated_before
        if skipped:
            self._start_over()
            self._drops_to_line_end = True
        if chunk.total_bytes - chunk.next_offset > self._max_behind_bytes:
            target = chunk.total_bytes - self._keep_bytes
            skipped += target - (chunk.next_offset - len(chunk.data))
            self._start_over()
            self._drops_to_line_end = True
            chunk = self._read(target, self._chunk_bytes)
            skipped += chunk.truncated_before
        self._offset = chunk.next_offset
        if was_truncated or skipped:
            self._line_start = chunk.next_offset - len(chunk.data)
        return self._update(chunk, skipped, was_truncated)

    def _update(self, chunk: LogChunk, skipped: int, was_truncated: bool) -> LogUpdate:
        data = chunk.data
        if self._drops_to_line_end and data:
            # A skip lands in the middle of a line, perhaps in the middle of a character.
            end = data.find(b"\n") + 1
            skipped += end
            data = data[end:]
            self._line_start = chunk.next_offset - len(data)
            self._drops_to_line_end = False
        rendered = self._parser.feed(self._decoder.decode(data))
        places = (self._line_start, *line_starts(data, chunk.next_offset - len(data)))
        self._line_start = places[-1]
        return LogUpdate(
            lines=rendered.lines,
            open_line=rendered.open_line,
            places=places,
            skipped_bytes=skipped,
            was_truncated=was_truncated,
            is_behind=chunk.total_bytes > chunk.next_offset,
            total_bytes=chunk.total_bytes,
        )


def line_starts(data: bytes, offset: int) -> list[int]:
    """Return the byte behind each line break of `data`, which begins at byte `offset` of a log."""
    found, place = [], data.find(b"\n") + 1
    while place:
        found.append(offset + place)
        place = data.find(b"\n", place) + 1
    return found
