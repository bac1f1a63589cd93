"""The list under the cursor that offers what could be meant."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

from desktop_aml.ui.environments.completing import Offer
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate

_SHOWN = 8
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class CompletionList(QObject):
    """Offers completions in a text.

    Parameters
    ----------
    offer : callable
        Gives what could be meant from the text up to the cursor.
    """

    def __init__(self, text: QPlainTextEdit, offer: Callable[[str], Offer]) -> None:
        super().__init__(text)
        self._text = text
        self._offer = offer
        self._names = QStringListModel(self)
        self.completer = QCompleter(self._names, self)
        self.completer.setWidget(text)
        # What is offered was chosen already.
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setMaxVisibleItems(_SHOWN)
        self.popup = QListView()
        self.popup.setItemDelegate(PaddedDelegate(self.popup))
        self.popup.setProperty("completions", True)
        self.popup.setAccessibleName(self.tr("Completions"))
        self.completer.setPopup(self.popup)
        self.completer.activated.connect(self._take)

    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self.popup.isVisible()

    def choices(self) -> tuple[str, ...]:
        """Return what is offered."""
        return tuple(self._names.stringList())

    def keeps(self, event: QKeyEvent) -> bool:
        """Whether a key is the list's, which hears of it by itself: the text must not."""
        return self.is_open() and event.key() in (*_TAKES, Qt.Key.Key_Escape)

    def after_key(self, event: QKeyEvent) -> None:
        """Offer, after a key that the text has taken."""
        is_asked = event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        is_typed = bool(event.text().strip()) and event.text().isprintable()
        is_taken_back = self.is_open() and event.key() == Qt.Key.Key_Backspace
        if is_asked or is_typed or is_taken_back:
            self.show(is_asked=is_asked)
        elif event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr):
            self.popup.hide()

    def show(self, *, is_asked: bool = False) -> None:
        """Offer what could be meant at the cursor; hide where that is nothing.

        Unless asked, only what begins with the word is offered, and nothing for a whole name: who types one and presses
        Enter wants a new line.
        """
        cursor = self._text.textCursor()
        block = cursor.block().text()[cursor.positionInBlock() :]
        before = self._before(cursor)
        # In the middle of a word nothing is completed.
        found = Offer("", ()) if block[:1].isalnum() or self._text.isReadOnly() else self._offer(before)
        choices = found.choices if is_asked else found.begun()
        if not choices or (not is_asked and (not found.word or found.is_whole)):
            self.popup.hide()
            return
        self._names.setStringList(choices)
        place = self._text.cursorRect()
        width = self.popup.sizeHintForColumn(0) + self.popup.verticalScrollBar().sizeHint().width() + theme.SPACE_L
        place.translate(self._text.viewportMargins().left(), 0)
        place.setWidth(max(width, 120))
        self.completer.complete(place)
        self.popup.setCurrentIndex(self._names.index(0))

    def _take(self, choice: str) -> None:
        cursor = self._text.textCursor()
        word = self._offer(self._before(cursor)).word
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(word))
        cursor.insertText(choice)
        self._text.setTextCursor(cursor)

    @staticmethod
    def _before(cursor: QTextCursor) -> str:
        # Qt counts a character beyond the first plane twice, Python does not.
        up_to = QTextCursor(cursor)
        up_to.movePosition(QTextCursor.MoveOperation.Start, QTextCursor.MoveMode.KeepAnchor)
        return up_to.selectedText().replace("\u2029", "\n")
