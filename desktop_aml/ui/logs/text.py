"""The text of a log: styled lines at the end, an open last line that changes, a tail that is followed or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_aml.domain.summaries.log_notes import LogNotes
from desktop_aml.ui.logs.ansi import PLAIN, Line, Style
from desktop_aml.ui.logs.colors import background_rgb, foreground_rgb
from desktop_aml.ui.logs.stamps import LogStamps
from desktop_aml.ui.logs.tracebacks import Place, place_in
from desktop_aml.ui.logs.web_links import address_at, first_address
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.colors import Rgb, mix, readable
from desktop_aml.ui.look.formats import exact_time
from desktop_aml.ui.look.restyling import restyle_when_seen

MAX_BLOCKS: Final = 50_000
"""Lines that are kept; older ones leave at the top. The file keeps them all."""

NOWHERE: Final = -1
"""The byte of a line that is not in the log."""

_STYLE_PROPERTY: Final = QTextFormat.Property.UserProperty


class LogText(QPlainTextEdit):
    """Read-only text that grows at its end."""

    following_changed = Signal(bool)
    place_wanted = Signal(str, int)
    """A path and a line, counted from 1, that a traceback names and a person pressed."""
    address_wanted = Signal(str)
    """An address of the web that a person pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(MAX_BLOCKS)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFont(theme.font("mono"))
        self.setProperty("flat", True)
        self.document().setDocumentMargin(theme.SPACE_L)
        self.setAccessibleName(self.tr("Log"))
        self.viewport().setMouseTracking(True)
        self._styles: list[Style] = []
        self._formats: dict[Style, QTextCharFormat] = {}
        self._open_line: Line = ()
        self._bytes: list[int] = []
        self._open_byte = NOWHERE
        self._notes = LogNotes()
        self._stamps = LogStamps(self, self.visible_blocks, self._time_of)
        self._stamps.hide()
        self.updateRequest.connect(self._on_update_request)
        self._is_following = True
        self._is_inserting = False
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._on_vertical_scroll_bar_value_changed)
        bar.rangeChanged.connect(self._on_vertical_scroll_bar_range_changed)
        restyle_when_seen(self, self._restyle)

    def is_following(self) -> bool:
        """Whether the view stays at the end while the log grows."""
        return self._is_following

    def jump_to_end(self) -> None:
        """Show the end and follow it again."""
        self._set_following(True)
        self._show_end()

    def stop_following(self) -> None:
        """Stay where the reader is, whatever comes."""
        self._set_following(False)

    def set_wrapping(self, wraps: bool) -> None:
        """Break long lines at the edge, or let them run on."""
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)

    # When lines came.

    def show_times(self, shown: bool) -> None:
        """Show when each line came, in a margin, or not."""
        self._stamps.setVisible(shown)
        self._place_stamps()

    def shows_times(self) -> bool:
        """Whether a margin says when lines came."""
        return not self._stamps.isHidden()

    def set_notes(self, notes: LogNotes) -> None:
        """Take what is known of the times of lines by now."""
        self._notes = notes
        times = notes.times
        self._stamps.has_days = bool(times) and exact_time(times[0])[:10] != exact_time(times[-1])[:10]
        self._place_stamps()
        self._stamps.update()

    def time_words(self, block: int) -> str:
        """Return what the margin says of a line that is shown, by its number among these."""
        return self._stamps.words_at(block)

    def visible_blocks(self) -> Iterator[tuple[int, int]]:
        """Yield the number of each line in sight, and its upper edge in pixels."""
        block, bottom = self.firstVisibleBlock(), self.viewport().height()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= bottom:
            yield block.blockNumber(), round(top)
            top += self.blockBoundingRect(block).height()
            block = block.next()

    def _time_of(self, block: int) -> float | None:
        byte = self._bytes[block] if block < len(self._bytes) else self._open_byte
        return self._notes.time_of(byte)

    def _place_stamps(self) -> None:
        width = self._stamps.wanted_width() if self.shows_times() else 0
        if self.viewportMargins().left() != width:
            self.setViewportMargins(width, 0, 0, 0)
        area = self.contentsRect()
        self._stamps.setGeometry(area.left(), area.top(), width, self.viewport().height())

    def _on_update_request(self, _rect: QRect, dy: int) -> None:
        if self.shows_times():
            self._stamps.scroll(0, dy) if dy else self._stamps.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the margin as high as the text."""
        super().resizeEvent(event)
        self._place_stamps()

    # The text.

    def add(
        self, lines: Iterable[Line], open_line: Line, *, bytes_at: Sequence[int] = (), open_byte: int = NOWHERE
    ) -> None:
        """Append complete `lines` and show `open_line` after them.

        The line that was open before is replaced by the first of `lines`, or by `open_line` when there is none.

        Parameters
        ----------
        bytes_at : sequence of int
            Where in the log each of `lines` begins; `NOWHERE` for all where it is empty.
        open_byte : int
            Where `open_line` begins.
        """
        complete = tuple(lines)
        self._bytes.extend(bytes_at or [NOWHERE] * len(complete))
        self._open_byte = open_byte
        if not complete and open_line == self._open_line:
            return
        # Long runs of one style go in at once: an insertion costs far more than a character.
        pieces: list[tuple[str, Style]] = []
        for line in complete:
            pieces.extend(line)
            pieces.append(("\n", line[-1].style if line else PLAIN))
        pieces.extend(open_line)
        self._insert(_joined(pieces), added_blocks=len(complete))
        self._open_line = open_line
        # Lines that left at the top.
        del self._bytes[: len(self._bytes) - (self.blockCount() - 1)]

    def restart(self) -> None:
        """Forget everything that is shown."""
        self.clear()
        self._bytes.clear()
        self._open_line, self._open_byte = (), NOWHERE

    def _insert(self, pieces: list[tuple[str, Style]], added_blocks: int) -> None:
        top = self.firstVisibleBlock().blockNumber()
        blocks = self.blockCount()
        self._is_inserting = True
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        for text, style in pieces:
            cursor.insertText(text, self._format(style))
        cursor.endEditBlock()
        removed = blocks + added_blocks - self.blockCount()
        if self._is_following:
            self._show_end()
        elif removed > 0:
            # What the reader looks at stays where it is while lines leave at the top.
            block = self.document().findBlockByNumber(max(top - removed, 0))
            self.verticalScrollBar().setValue(block.firstLineNumber())
        self._is_inserting = False

    def _show_end(self) -> None:
        was_inserting, self._is_inserting = self._is_inserting, True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._is_inserting = was_inserting

    def _set_following(self, following: bool) -> None:
        if following != self._is_following:
            self._is_following = following
            self.following_changed.emit(following)

    def _on_vertical_scroll_bar_value_changed(self, value: int) -> None:
        if not self._is_inserting:
            self._set_following(value >= self.verticalScrollBar().maximum())

    def _on_vertical_scroll_bar_range_changed(self, _minimum: int, _maximum: int) -> None:
        if self._is_following:
            self._show_end()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Ctrl and the wheel change the size of the text."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.change_text_size(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def _link_at(self, point: QPoint) -> Place | str | None:
        """Return the place, or the address, that the words at a point of the viewport lead to."""
        cursor = self.cursorForPosition(point)
        if not self.cursorRect(cursor).adjusted(-theme.SPACE_L, 0, theme.SPACE_L, 0).contains(point):
            return None
        text, position = cursor.block().text(), cursor.positionInBlock()
        place = place_in(text)
        start = text.find(place.path) if place is not None else -1
        is_over = place is not None and start <= position <= start + len(place.path)
        return place if is_over else address_at(text, position) or None

    def _follow(self, link: Place | str | None) -> bool:
        if isinstance(link, Place):
            self.place_wanted.emit(*link)
        elif link:
            self.address_wanted.emit(link)
        return bool(link)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show that a path or an address can be pressed."""
        super().mouseMoveEvent(event)
        shape = Qt.CursorShape
        over = not event.buttons() and self._link_at(event.position().toPoint()) is not None
        self.viewport().setCursor(shape.PointingHandCursor if over else shape.IBeamCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Lead where the words that were pressed lead, unless text was selected."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self._follow(self._link_at(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Lead with Enter to the place or the address that the line of the cursor names."""
        text = self.textCursor().block().text()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (is_enter and self._follow(place_in(text) or first_address(text, self.textCursor().positionInBlock()))):
            super().keyPressEvent(event)

    def change_text_size(self, points: int) -> None:
        """Make the text larger or smaller, within reason; 0 puts it back."""
        font = self.font()
        wanted = font.pointSizeF() + points if points else theme.font("mono").pointSizeF()
        font.setPointSizeF(min(max(wanted, 6.0), 32.0))
        self.setFont(font)
        self._place_stamps()

    def _format(self, style: Style) -> QTextCharFormat:
        known = self._formats.get(style)
        if known is None:
            if style not in self._styles:
                self._styles.append(style)
            known = char_format(style, _rgb("surface"), _rgb("text"))
            known.setProperty(_STYLE_PROPERTY, self._styles.index(style))
            self._formats[style] = known
        return known

    def _restyle(self) -> None:
        """Give what is shown already the colours of the new theme."""
        self._formats.clear()
        if not any(style.foreground is not None or style.background is not None for style in self._styles):
            return
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        block = self.document().begin()
        while block.isValid():
            self._restyle_block(block, cursor)
            block = block.next()
        cursor.endEditBlock()

    def _restyle_block(self, block: QTextBlock, cursor: QTextCursor) -> None:
        parts = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            number = fragment.charFormat().property(_STYLE_PROPERTY)
            if isinstance(number, int) and self._styles[number] != PLAIN:
                parts.append((fragment.position(), fragment.length(), self._styles[number]))
            iterator += 1
        for position, length, style in parts:
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(self._format(style))


def _joined(pieces: list[tuple[str, Style]]) -> list[tuple[str, Style]]:
    result: list[tuple[str, Style]] = []
    texts: list[str] = []
    current = PLAIN
    for text, style in pieces:
        if style != current and text != "\n":
            if texts:
                result.append(("".join(texts), current))
                texts = []
            current = style
        texts.append(text)
    if texts:
        result.append(("".join(texts), current))
    return result


def _rgb(role: str) -> Rgb:
    color = theme.color(role)
    return color.red(), color.green(), color.blue()


def char_format(style: Style, surface: Rgb, text: Rgb) -> QTextCharFormat:
    """Return how `style` looks on `surface`, where plain text has the colour `text`. Always readable."""
    result = QTextCharFormat()
    behind = surface if style.background is None else background_rgb(style.background)
    front = readable(text, behind) if style.foreground is None else foreground_rgb(style.foreground, behind)
    if style.dim:
        front = readable(mix(front, behind, 0.4), behind)
    if style.inverse:
        front, behind = behind, front
    if style.foreground is not None or style.background is not None or style.inverse or style.dim:
        result.setForeground(QColor(*front))
    if style.background is not None or style.inverse:
        result.setBackground(QColor(*behind))
    if style.bold:
        result.setFontWeight(QFont.Weight.Bold)
    result.setFontItalic(style.italic)
    result.setFontUnderline(style.underline)
    result.setFontStrikeOut(style.strike)
    return result
