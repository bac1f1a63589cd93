"""Leafing through a log that is longer than what is followed, and finding a text in all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from desktop_aml.ui.logs import pages
from desktop_aml.ui.logs.ansi import Line
from desktop_aml.ui.logs.follower import ReadLog
from desktop_aml.ui.logs.pages import PageIndex
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

_NONE: Final = -1


class LogPaging(QObject):
    """Reads pages of a log off the GUI thread; the view shows them.

    Parameters
    ----------
    read : callable
        ``read(offset, limit)`` gives a `LogChunk`.
    """

    page_read = Signal(object, object, object)
    """The lines of a page, the bytes with which they begin, and what to do once they are shown: a callable or None."""
    end_wanted = Signal()
    """The end should be shown and followed again."""
    counted = Signal()
    """It is known how often the text is found."""

    def __init__(self, bridge: Bridge, read: ReadLog, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._read = read
        self.index: PageIndex | None = None
        self.page = _NONE
        """The page that is shown; -1 while the end is followed."""
        self.bytes_before_end = 0
        """How much of the log stands before what is shown while the end is followed."""
        self._needle = ("", False)
        self._counts: tuple[int, ...] = ()

    def set_source(self, read: ReadLog) -> None:
        """Page another log."""
        self._read = read
        self.page, self.index, self._counts = _NONE, None, ()

    def is_active(self) -> bool:
        """Whether a page is shown, not the end that is followed."""
        return self.page != _NONE

    # Pages.

    def go_to_page(self, page: int, then: Callable[[], object] | None = None) -> None:
        """Show a page, counted from 0; negative ones from the end."""
        self._with_index(lambda index: self._load(page % len(index), then))

    def step(self, by: int) -> None:
        """Show the next page, or the one before; after the last one the end is followed again."""

        def go(index: PageIndex) -> None:
            # The end that is followed is longer than a page: the one before it is where the reader stood.
            page = (len(index) - 1 if not self.is_active() else self.page) + by
            if page >= len(index):
                self.follow()
            else:
                self._load(max(0, page), None)

        self._with_index(go)

    def go_to_line(self, line: int, then: Callable[[int], object]) -> None:
        """Show the page of a line, counted from 0, and tell which of its lines that is."""

        def go(index: PageIndex) -> None:
            page = index.page_of_line(line)
            self._load(page, lambda: then(max(0, line - index.lines[page])))

        self._with_index(go)

    def follow(self) -> None:
        """Show the end again and follow it."""
        self.page = _NONE
        self.index = None
        self._counts = ()
        self.end_wanted.emit()

    def _with_index(self, go: Callable[[PageIndex], object]) -> None:
        if self.index is not None:
            go(self.index)
            return

        def indexed(index: PageIndex) -> None:
            self.index = index
            go(index)

        call_for(self, self._bridge, lambda: pages.index_of(self._read), indexed)

    def _load(self, page: int, then: Callable[[], object] | None) -> None:
        index = self.index
        assert index is not None

        def shown(found: tuple[tuple[Line, ...], tuple[int, ...]]) -> None:
            # Of pages that were asked for in a row only the last is wanted.
            if self.page == page and self.index is index:
                self.page_read.emit(*found, then)

        self.page = page
        call_for(self, self._bridge, lambda: pages.placed_lines_of(self._read, index, page), shown)

    # Finding.

    def count(self, needle: str, *, has_case: bool) -> None:
        """Find out how often a text is on each page; `counted` tells when it is known."""
        wanted = (needle, has_case)
        if wanted == self._needle and self._counts:
            return
        self._needle, self._counts = wanted, ()
        if not needle:
            return
        if not self.is_active():
            # It may have grown.
            self.index = None

        def go(index: PageIndex) -> None:
            def work() -> tuple[int, ...]:
                return pages.count_matches(
                    self._read, index, needle, has_case=has_case, is_wanted=lambda: self._needle == wanted
                )

            call_for(self, self._bridge, work, lambda counts: self._on_counted(wanted, counts))

        self._with_index(go)

    def _on_counted(self, wanted: tuple[str, bool], counts: tuple[int, ...]) -> None:
        if wanted == self._needle and self.index is not None and len(counts) == len(self.index):
            self._counts = counts
            self.counted.emit()

    def total(self) -> int | None:
        """Return how often the text is found in all of the log; None while that is not known."""
        return sum(self._counts) if self._counts else None

    def before(self) -> int | None:
        """Return how many matches stand before the page that is shown; None while that is not known."""
        return sum(self._counts[: self.page]) if self._counts and self.is_active() else None

    def page_with_match(self, *, forward: bool) -> int | None:
        """Return the next page that has a match, or the one before; around the ends; None when no other has one.

        From the end that is followed one goes on at the beginning, and back to the last page.
        """
        count = len(self._counts)
        if self.is_active():
            order = [(self.page + place if forward else self.page - place) % count for place in range(1, count)]
        else:
            starts = self.index.starts if self.index is not None else ()
            order = [page for page in range(count) if starts[page] < self.bytes_before_end]
            order = order if forward else order[::-1]
        return next((page for page in order if self._counts[page]), None)
