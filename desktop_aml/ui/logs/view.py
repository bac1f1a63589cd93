"""A log that grows: follows its end, searches, wraps, skips ahead when the writer is faster than any eye."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QApplication,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.summaries.log_notes import LogNotes
from desktop_aml.ui.logs.ansi import PLAIN, Line, Span
from desktop_aml.ui.logs.bar import LogBar
from desktop_aml.ui.logs.follower import KEEP_BYTES, LogFollower, LogUpdate, ReadLog
from desktop_aml.ui.logs.noting import Noting, ReadNotes
from desktop_aml.ui.logs.page_bar import PageBar
from desktop_aml.ui.logs.paging import LogPaging
from desktop_aml.ui.logs.search import SearchBar
from desktop_aml.ui.logs.text import MAX_BLOCKS, NOWHERE, LogText
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.web_addresses import open_address
from desktop_aml.ui.widgets.widgets import EmptyState, Hairline, Heading

POLL_MS: Final = 80
"""Time between two reads of a log that is up to date."""

CATCH_UP_MS: Final = 10
"""Time between two insertions while there is more to show."""

RETRY_MS: Final = 500
LINES_PER_TICK: Final = 300
"""Lines inserted at once: about half a frame of work, also when as many old ones leave at the top."""

_TEXT_SIZES: Final = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_0: 0}
_NOTICE: Final = PLAIN._replace(dim=True, italic=True)
_NO_LINE: Final[tuple[Line, int]] = ((), NOWHERE)


class LogView(QWidget):
    """Shows what `read` gives, live while it is visible and `set_active(True)`.

    Parameters
    ----------
    read : callable
        ``read(offset, limit)`` gives a `LogChunk`; called off the GUI thread.
    find_file : callable, optional
        Gives the path of the file, for opening it in another program.
    read_notes : callable, optional
        Gives what is known beside the log, from what was known before; called off the GUI thread.
    """

    def __init__(
        self,
        bridge: Bridge,
        read: ReadLog,
        parent: QWidget | None = None,
        *,
        find_file: Callable[[], Path] | None = None,
        read_notes: ReadNotes | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("log_view")
        self._bridge = bridge
        self._find_file = find_file
        self._noting = Noting(read_notes)
        self._read = read
        self._follower = LogFollower(read)
        self._once_shown: Callable[[], object] | None = None
        self._pending: list[tuple[Line, int]] = []
        self._open_line: tuple[Line, int] = _NO_LINE
        self._is_active = True
        self._is_reading = False
        self._is_behind = True
        self._skipped_bytes = 0
        self._is_cut = self._is_stale = False
        self._total_bytes = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._build()

    def _build(self) -> None:
        self.text = LogText(self)
        self.setFocusProxy(self.text)
        self.text.installEventFilter(self)
        self.search = SearchBar(self.text, self)
        self.paging = LogPaging(self._bridge, self._read, self)
        self.paging.page_read.connect(self._on_paging_page_read)
        self.paging.end_wanted.connect(self._on_paging_end_wanted)
        self.paging.counted.connect(self.search.look_again)
        self.search.whole = lambda: (self.paging.total(), self.paging.before())
        self.search.needle_changed.connect(self._on_search_needle_changed)
        self.search.beyond_wanted.connect(self._on_search_beyond_wanted)
        self.heading = Heading("", 2, self)
        self.heading.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, 0)
        self.heading.hide()
        self.page_bar = PageBar(self)
        self.page_bar.turn(self.paging)
        self.page_bar.line_wanted.connect(self.go_to_line)
        self.empty = EmptyState("terminal", self.tr("No output yet."), parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.text)
        self.jump_button = QPushButton(self.tr("Jump to end"), self.text)
        icons.set_icon(self.jump_button, "chevron-down")
        self.jump_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.jump_button.clicked.connect(self.text.jump_to_end)
        self.jump_button.hide()
        self.text.following_changed.connect(self._on_text_following_changed)
        self.text.address_wanted.connect(partial(open_address, self._bridge))
        self.bar = LogBar(self, has_times=self._noting.concerns_shown, has_file=self._find_file is not None)
        self._connect_bar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(Hairline(self))
        layout.addWidget(self.heading)
        layout.addWidget(self.page_bar)
        layout.addWidget(self.search)
        layout.addWidget(self.stack, 1)

    def _connect_bar(self) -> None:
        bar = self.bar
        bar.smaller_button.clicked.connect(lambda: self.text.change_text_size(-1))
        bar.larger_button.clicked.connect(lambda: self.text.change_text_size(1))
        bar.times_button.toggled.connect(self.text.show_times)
        bar.wrap_button.toggled.connect(self.text.set_wrapping)
        bar.search_button.clicked.connect(self.search.open)
        bar.copy_button.clicked.connect(self.copy)
        bar.open_button.clicked.connect(self.open_file)

    def set_source(self, read: ReadLog, heading: str = "") -> None:
        """Show another log from its beginning, under a heading that says what it is."""
        self._read = read
        self.paging.set_source(read)
        self._follower = LogFollower(read)
        self._timer.stop()
        self.text.restart()
        self.text.jump_to_end()
        self._pending, self._open_line, self._once_shown = [], _NO_LINE, None
        self._skipped_bytes = self._total_bytes = 0
        self._is_cut, self._is_behind = False, True
        self.page_bar.hide()
        self.heading.setText(heading)
        self.heading.setVisible(bool(heading))
        self._noting.concerns_shown = not heading
        # What is being read now is of the log before.
        self._is_stale = self._is_reading
        self._schedule(0)

    def set_active(self, active: bool, empty_text: str = "") -> None:
        """Say whether the log may still grow, and what to show while it is empty."""
        self._is_active = active
        if empty_text:
            self.empty.set_text(empty_text)
        # One more look in any case: the last lines may have come after the last read.
        self._is_behind = True
        self._schedule(0)

    def jump_to_end(self) -> None:
        """Show the end of the log and follow it."""
        if self.paging.is_active():
            self.paging.follow()
        self.text.jump_to_end()

    def copy(self) -> None:
        """Copy the selected text, or everything that is shown."""
        if self.text.textCursor().hasSelection():
            self.text.copy()
        else:
            QApplication.clipboard().setText(self.text.toPlainText())
        self._bridge.tell(self.tr("Copied."))

    def open_file(self) -> None:
        """Open the log file in the program that the desktop has for it."""
        if self._find_file is None:
            return
        path = self._find_file()
        if not path.exists():
            self._bridge.tell(self.tr("There is no log file yet."), "warning")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._bridge.tell(self.tr("No program opens text files here."), "warning", str(path))

    def _schedule(self, delay_ms: int) -> None:
        if self.isVisible() and not self._is_reading and (self._pending or not self.paging.is_active()):
            self._timer.start(delay_ms)

    def _on_timer_timeout(self) -> None:
        if self._pending:
            self._insert_some()
        elif not self._is_reading:
            self._is_reading = True
            call_for(self, self._bridge, self._poll, self._on_update, self._on_failed)

    def _poll(self) -> tuple[LogUpdate, LogNotes]:
        update = self._follower.poll()
        # After the log: what is noted of a line is noted once it is written.
        return update, self._noting.read()

    def _on_update(self, found: tuple[LogUpdate, LogNotes]) -> None:
        update, notes = found
        self._is_reading = False
        if self._is_stale:
            self._is_stale = False
            self._schedule(0)
            return
        if notes is not self._noting.notes:
            self._noting.notes = notes
            self.text.set_notes(notes)
        if self.paging.is_active():
            return
        if update.was_truncated:
            self.text.restart()
            self._pending = [self._notice_line(self.tr("The run truncated its log; what follows is new."))]
        if update.skipped_bytes:
            self._skipped_bytes += update.skipped_bytes
            size = formats.size(update.skipped_bytes)
            self._pending.append(self._notice_line(self.tr("… {0} before this …").format(size)))
        first = max(0, len(update.lines) - MAX_BLOCKS)
        self._pending.extend(self._noting.take(update.lines[first:], update.places[first:]))
        self._open_line = update.open_line, update.places[-1]
        self._is_behind = update.is_behind
        self._total_bytes = update.total_bytes
        self._insert_some()

    def _on_failed(self, error: DesktopAMLError) -> None:
        self._is_reading = False
        self.empty.set_text(error.message)
        if self._is_active:
            self._schedule(RETRY_MS)

    def _notice_line(self, text: str) -> tuple[Line, int]:
        return (Span(text, _NOTICE),), NOWHERE

    def _insert_some(self) -> None:
        lines, self._pending = self._pending[:LINES_PER_TICK], self._pending[LINES_PER_TICK:]
        open_line, byte = _NO_LINE if self._pending else self._open_line
        self.text.add((line for line, _ in lines), open_line, bytes_at=[at for _, at in lines], open_byte=byte)
        self._show_figures()
        if self.paging.is_active() and not self._pending:
            self._end_of_page()
        elif self._pending or self._is_behind:
            self._schedule(CATCH_UP_MS)
        elif self._is_active:
            self._schedule(POLL_MS)

    def _show_figures(self) -> None:
        has_text = self.text.blockCount() > 1 or not self.text.document().isEmpty()
        self.stack.setCurrentWidget(self.text if has_text else self.empty)
        self.bar.size_label.setText(formats.size(self._total_bytes) if self._total_bytes else "")
        self._is_cut = self._is_cut or self.text.blockCount() >= MAX_BLOCKS or bool(self._skipped_bytes)
        index = self.paging.index
        if self.paging.is_active() and index is not None:
            page = self.paging.page
            self.page_bar.show_page(index.lines[page], index.lines[page + 1], index.lines[-1])
        elif self._is_cut:
            shown = self.text.document().characterCount()
            self.paging.bytes_before_end = max(0, self._total_bytes - shown)
            self.page_bar.show_end(min(shown, self._total_bytes), self._total_bytes)

    # Pages of a log that is longer than what is followed.

    def go_to_line(self, line: int) -> None:
        """Show a line of the whole log, counted from 0, on its page."""
        self.paging.go_to_line(line, self._show_line)

    def _show_line(self, line: int) -> None:
        cursor = QTextCursor(self.text.document().findBlockByNumber(line))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        self.text.setTextCursor(cursor)
        self.text.centerCursor()

    def _on_paging_page_read(
        self, lines: tuple[Line, ...], places: tuple[int, ...], then: Callable[[], object] | None
    ) -> None:
        self._timer.stop()
        self.text.restart()
        self.text.stop_following()
        self._noting.begin_elsewhere()
        self._pending, self._open_line, self._once_shown = self._noting.take(lines, places), _NO_LINE, then
        self._insert_some()

    def _end_of_page(self) -> None:
        then, self._once_shown = self._once_shown, None
        if then is None:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
        else:
            then()
        self.search.look_again()

    def _on_paging_end_wanted(self) -> None:
        self.text.restart()
        self.text.jump_to_end()
        self._pending, self._open_line, self._skipped_bytes = [], _NO_LINE, 0
        self._follower = LogFollower(self._read, start=max(0, self._total_bytes - KEEP_BYTES))
        self._is_behind = True
        self._schedule(0)

    def _on_search_needle_changed(self, needle: str, has_case: bool) -> None:
        if self._is_cut:
            self.paging.count(needle, has_case=has_case)

    def _on_search_beyond_wanted(self, forward: bool) -> None:
        page = self.paging.page_with_match(forward=forward)
        if page is not None:
            self.paging.go_to_page(page, lambda: self.search.select_end(last=not forward))
        else:
            self.search.select_end(last=not forward)

    def is_up_to_date(self) -> bool:
        """Whether everything that was read is shown and nothing more was there."""
        return not (self._pending or self._is_behind or self._is_reading)

    def _on_text_following_changed(self, following: bool) -> None:
        self.jump_button.setVisible(not following and not self.paging.is_active())
        self._place_jump_button()

    def _place_jump_button(self) -> None:
        self.jump_button.adjustSize()
        area = self.text.viewport().geometry()
        x = area.center().x() - self.jump_button.width() // 2
        self.jump_button.move(x, area.bottom() - self.jump_button.height() - theme.SPACE_M)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Go on reading."""
        super().showEvent(event)
        self._is_behind = True
        self._schedule(0)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Read nothing that nobody sees."""
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the pill at its place."""
        super().resizeEvent(event)
        self._place_jump_button()

    def event(self, event: QEvent) -> bool:
        """Claim Ctrl+F and F3 while the focus is inside, before any shortcut of the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._act_for(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the search, find again."""
        act = self._act_for(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the keys for beginning and end mean those of the whole log."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.MoveToStartOfDocument) and self._is_cut:
                self.paging.go_to_page(0)
                return True
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in _TEXT_SIZES:
                self.text.change_text_size(_TEXT_SIZES[Qt.Key(event.key())])
                return True
            if event.matches(QKeySequence.StandardKey.MoveToEndOfDocument) and self.paging.is_active():
                self.jump_to_end()
                return True
        return super().eventFilter(watched, event)

    def _act_for(self, event: QKeyEvent) -> Callable[[], object] | None:
        keys = QKeySequence.StandardKey
        if event.matches(keys.Find):
            return self.search.open
        if event.matches(keys.FindNext):
            return self.search.find_next
        if event.matches(keys.FindPrevious):
            return self.search.find_previous
        if event.key() == Qt.Key.Key_Escape and self.search.isVisible():
            return self.search.close_search
        return None
