"""A long log in pages: where each begins, what stands on it, and how often something is found on each.

No Qt and no threads: the caller decides where these run. A page begins with a line, unless one line alone is longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desktop_aml.ui.logs.ansi import AnsiParser, Line
from desktop_aml.ui.logs.follower import ReadLog, line_starts

PAGE_BYTES: Final = 512 * 1024
PAGE_LINES: Final = 10_000
"""What one page holds at most: both bounds are what a text view takes in within a second."""

_CONTROLS: Final = (b"\x1b", b"\r", b"\b")
"""Without these the text of a log is its bytes."""


@dataclass(frozen=True, slots=True)
class PageIndex:
    """Where pages begin.

    Parameters
    ----------
    starts : tuple of int
        The first byte of each page.
    lines : tuple of int
        The number of the first line of each page, counted from 0, and at the end the number of all lines.
    total_bytes : int
        How far the log was read for this.
    """

    starts: tuple[int, ...] = (0,)
    lines: tuple[int, ...] = (0, 0)
    total_bytes: int = 0

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, page: int) -> tuple[int, int]:
        """Return the first byte of a page, and the first behind it."""
        return self.starts[page], self.starts[page + 1] if page + 1 < len(self) else self.total_bytes

    def page_of_line(self, line: int) -> int:
        """Return the page on which a line stands, counted from 0; the last page for lines that are not there."""
        return max(0, min(bisect_right(self.lines[:-1], line) - 1, len(self) - 1))


def index_of(read: ReadLog) -> PageIndex:
    """Read a whole log once and say where its pages begin."""
    starts, lines = [0], [0]
    offset, held = 0, b""
    while True:
        data = read(offset, PAGE_BYTES).data if len(held) < PAGE_BYTES else b""
        offset, held = offset + len(data), held + data
        if not data and len(held) < PAGE_BYTES and held.count(b"\n") <= PAGE_LINES:
            if not held and len(starts) > 1:
                starts.pop()
                return PageIndex(tuple(starts), tuple(lines), offset)
            return PageIndex(tuple(starts), (*lines, lines[-1] + held.count(b"\n")), offset)
        if len(held) < PAGE_BYTES and data:
            continue
        end = _end_of_page(held)
        starts.append(starts[-1] + end)
        lines.append(lines[-1] + held.count(b"\n", 0, end))
        held = held[end:]


def _end_of_page(data: bytes) -> int:
    """Return how many bytes of `data`, more than a page has room for, stand on it."""
    room = data[:PAGE_BYTES]
    if room.count(b"\n") <= PAGE_LINES:
        return room.rfind(b"\n") + 1 or len(room)
    end = 0
    for _ in range(PAGE_LINES):
        end = data.index(b"\n", end) + 1
    return end


def bytes_of(read: ReadLog, index: PageIndex, page: int) -> bytes:
    """Return what stands on a page."""
    start, end = index.span(page)
    found = b""
    while start + len(found) < end:
        data = read(start + len(found), end - start - len(found)).data
        if not data:
            break
        found += data
    return found


def lines_of(read: ReadLog, index: PageIndex, page: int) -> tuple[Line, ...]:
    """Return the lines of a page; colours that were set on the page before are not known here."""
    return placed_lines_of(read, index, page)[0]


def placed_lines_of(read: ReadLog, index: PageIndex, page: int) -> tuple[tuple[Line, ...], tuple[int, ...]]:
    """Return the lines of a page, the byte with which each begins, and the one behind the last."""
    data, start = bytes_of(read, index, page), index.span(page)[0]
    rendered = AnsiParser().feed(data.decode("utf-8", "replace"))
    places = (start, *line_starts(data, start))
    if not rendered.open_line:
        return rendered.lines, places
    return (*rendered.lines, rendered.open_line), (*places, start + len(data))


def count_matches(
    read: ReadLog, index: PageIndex, needle: str, *, has_case: bool, is_wanted: Callable[[], bool]
) -> tuple[int, ...]:
    """Return how often a text is found on each page; fewer pages when it is not wanted any more."""
    wanted = needle if has_case else needle.lower()
    counts: list[int] = []
    for page in range(len(index)):
        if not is_wanted():
            break
        data = bytes_of(read, index, page)
        if any(control in data for control in _CONTROLS):
            text = "\n".join("".join(span.text for span in line) for line in lines_of(read, index, page))
        else:
            text = data.decode("utf-8", "replace")
        counts.append((text if has_case else text.lower()).count(wanted))
    return tuple(counts)
