"""The search bar of a text: finds, counts and marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QTextEdit, QToolButton, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.widgets.widgets import IconButton, SecondaryLabel

_MAX_MARKS: Final = 500
"""Marks drawn at once; no screen shows more."""


class SearchBar(QWidget):
    """Find in a `QPlainTextEdit`: next, previous, count, matches marked. Hidden until `open`.

    Where the text is a part of something longer, `whole` tells of the rest, and what lies beyond is asked for.
    """

    beyond_wanted = Signal(bool)
    """The next match lies beyond the text: after it if True, before it otherwise."""
    needle_changed = Signal(str, bool)
    """What is looked for, and whether its case counts."""

    def __init__(self, text: QPlainTextEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.whole: Callable[[], tuple[int | None, int | None]] | None = None
        """Gives how many matches there are in all, and how many before the text; None for what is not known."""
        self._build()
        self._settle = QTimer(self, singleShot=True, interval=120)
        self._settle.timeout.connect(self._refresh)
        self.field.textChanged.connect(self._on_field_text_changed)
        self.case_button.toggled.connect(self._on_field_text_changed)
        text.document().contentsChanged.connect(self._on_document_changed)
        text.verticalScrollBar().valueChanged.connect(self._on_document_changed)
        theme.changed.connect(self._refresh)
        self.hide()

    def _build(self) -> None:
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Find in log"))
        self.field.setAccessibleName(self.tr("Find in log"))
        self.field.setClearButtonEnabled(True)
        self.field.setMaximumWidth(320)
        self.field.installEventFilter(self)
        self.count_label = SecondaryLabel("", self)
        self.count_label.setWordWrap(False)
        self.case_button = QToolButton(self)
        self.case_button.setText("Aa")
        self.case_button.setCheckable(True)
        self.case_button.setToolTip(self.tr("Match case"))
        self.case_button.setAccessibleName(self.tr("Match case"))
        self.case_button.setFixedHeight(theme.FIELD_HEIGHT)
        self.previous_button = IconButton("chevron-up", self.tr("Previous match (Shift+F3)"), self)
        self.next_button = IconButton("chevron-down", self.tr("Next match (F3)"), self)
        self.close_button = IconButton("close", self.tr("Close search (Esc)"), self)
        self.previous_button.clicked.connect(self.find_previous)
        self.next_button.clicked.connect(self.find_next)
        self.close_button.clicked.connect(self.close_search)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self.field, 1)
        for widget in (self.case_button, self.previous_button, self.next_button):
            layout.addWidget(widget)
        layout.addSpacing(theme.SPACE_XS)
        layout.addWidget(self.count_label)
        layout.addStretch(1)
        layout.addWidget(self.close_button)

    def open(self) -> None:
        """Show the bar, with the selected text as what to find."""
        selected = self._text.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.field.setText(selected)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._refresh()

    def look_again(self) -> None:
        """Count and mark again: more is known, or another text is shown."""
        self._refresh()

    def close_search(self) -> None:
        """Hide the bar and its marks, and give the text the focus."""
        self.hide()
        self._text.setExtraSelections([])
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def find_next(self) -> None:
        """Select the next match, from the top again after the last."""
        self._find(QTextDocument.FindFlag(0))

    def find_previous(self) -> None:
        """Select the match before, from the end again after the first."""
        self._find(QTextDocument.FindFlag.FindBackward)

    def match_count(self) -> int:
        """Return how many matches there are in all."""
        return self._count_in(self._text.toPlainText())

    def _count_in(self, text: str) -> int:
        needle = self.field.text()
        if not needle:
            return 0
        if not self.case_button.isChecked():
            text, needle = text.lower(), needle.lower()
        return text.count(needle)

    def _flags(self) -> QTextDocument.FindFlag:
        flag = QTextDocument.FindFlag
        return flag.FindCaseSensitively if self.case_button.isChecked() else flag(0)

    def _find(self, direction: QTextDocument.FindFlag) -> None:
        needle = self.field.text()
        if not needle:
            return
        document = self._text.document()
        flags = self._flags() | direction
        found = document.find(needle, self._text.textCursor(), flags)
        is_back = direction is QTextDocument.FindFlag.FindBackward
        if found.isNull() and self._has_more_beyond(document):
            self.beyond_wanted.emit(not is_back)
            return
        if found.isNull():
            self.select_end(last=is_back)
        else:
            self._select(found)
        self._refresh()

    def _has_more_beyond(self, document: QTextDocument) -> bool:
        total = self.whole()[0] if self.whole is not None else None
        return total is not None and total > self._count_in(document.toPlainText())

    def select_end(self, *, last: bool) -> None:
        """Select the first match of the text, or the last."""
        document = self._text.document()
        start = QTextCursor(document)
        flags = self._flags()
        if last:
            start.movePosition(QTextCursor.MoveOperation.End)
            flags |= QTextDocument.FindFlag.FindBackward
        self._select(document.find(self.field.text(), start, flags))
        self._refresh()

    def _on_field_text_changed(self) -> None:
        """Go to the first match from the present one, or from the top of what can be seen."""
        cursor = self._text.textCursor()
        if cursor.hasSelection():
            cursor.setPosition(cursor.selectionStart())
        else:
            cursor = QTextCursor(self._text.firstVisibleBlock())
        self._select(self._text.document().find(self.field.text(), cursor, self._flags()))
        self._settle.start()
        self.needle_changed.emit(self.field.text(), self.case_button.isChecked())

    def _select(self, found: QTextCursor) -> None:
        if not found.isNull():
            self._text.setTextCursor(found)
            self._text.centerCursor()

    def _on_document_changed(self) -> None:
        # Not restarted when it runs: a log that grows all the time still gets its count.
        if self.isVisible() and self.field.text() and not self._settle.isActive():
            self._settle.start()

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        text = self._text.toPlainText()
        total = self._count_in(text)
        whole, before = self.whole() if self.whole is not None else (None, None)
        for button in (self.previous_button, self.next_button):
            button.setEnabled(total > 0 or bool(whole))
        self.count_label.setText(self._count_words(text, total if whole is None else whole, before))
        self._text.setExtraSelections(self._marks() if total else [])

    def _count_words(self, text: str, total: int, before_text: int | None) -> str:
        if not self.field.text():
            return ""
        if not total:
            return self.tr("No match")
        cursor = self._text.textCursor()
        is_placed = self.whole is None or self.whole()[0] is None or before_text is not None
        if not cursor.hasSelection() or not is_placed:
            return self.tr("{0} found").format(formats.count(total))
        before = text.encode("utf-16-le", "surrogatepass")[: 2 * cursor.selectionEnd()].decode("utf-16-le", "replace")
        number = max(self._count_in(before), 1) + (before_text or 0)
        return self.tr("{0} of {1}").format(formats.count(number), formats.count(total))

    def _marks(self) -> list[QTextEdit.ExtraSelection]:
        """Return marks for the matches that can be seen."""
        view = self._text
        bottom = view.cursorForPosition(view.viewport().rect().bottomRight()).block()
        end = bottom.position() + bottom.length()
        cursor = QTextCursor(view.firstVisibleBlock())
        marks: list[QTextEdit.ExtraSelection] = []
        while len(marks) < _MAX_MARKS:
            cursor = view.document().find(self.field.text(), cursor, self._flags())
            if cursor.isNull() or cursor.selectionStart() > end:
                break
            marks.append(self._mark(cursor, current=cursor == view.textCursor()))
        return marks

    def _mark(self, cursor: QTextCursor, *, current: bool) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(cursor)
        background = theme.color("accent" if current else "warning")
        if not current:
            background.setAlphaF(0.3)
        mark.format.setBackground(background)
        mark.format.setForeground(theme.color("accent_text" if current else "text"))
        return mark

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Enter goes on, Shift+Enter goes back."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.find_previous() if back else self.find_next()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_search()
                return True
        return super().eventFilter(watched, event)
