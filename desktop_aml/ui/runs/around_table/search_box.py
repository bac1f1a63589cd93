"""The search over the runs table: names are completed, and what cannot be read is marked where it stands."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QCoreApplication, QStringListModel, Qt
from PySide6.QtGui import QColor, QInputMethodEvent, QKeyEvent, QTextCharFormat, QTextFormat
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from desktop_aml.domain.filters.clauses import InvalidFilter
from desktop_aml.domain.filters.keys import OWN, written_key
from desktop_aml.domain.run_fields import FieldKind, RunFields
from desktop_aml.ui.look import icons, theme

_LEADING: Final = QLineEdit.ActionPosition.LeadingPosition
_WORD: Final = re.compile(r"[^\s()'\"`,=<>!~]*$")
_WRITTEN: Final = {FieldKind.PARAMETER: "params", FieldKind.METRIC: "metrics", FieldKind.TAG: "tags"}
_OF_METRICS: Final = ("best", "min", "max", "first", "last")
_SHOWN: Final = 10

_TAKING: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class SearchBox(QLineEdit):
    """Completes names at the cursor and underlines what is wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("Search runs: rbf, loss < 1.1, kernel = rbf or C > 5"))
        self.setAccessibleName(self.tr("Search runs by words, or compare: loss < 1.1"))
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(144)
        icons.set_icon(self.addAction(icons.icon("search"), _LEADING), "search", "secondary")
        self._fields = RunFields()
        self._names = QStringListModel(self)
        self.completer_ = QCompleter(self._names, self)
        self.names_list = QListView()
        self.names_list.setAccessibleName(self.tr("Names"))
        self.completer_.setPopup(self.names_list)
        self.completer_.setWidget(self)
        self.completer_.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer_.setMaxVisibleItems(_SHOWN)
        self.completer_.activated.connect(self._complete)
        self.textEdited.connect(self._offer)

    def set_fields(self, fields: RunFields) -> None:
        """Complete the names that the runs of the table have."""
        if fields is not self._fields:
            self._fields = fields
            self._names.setStringList(names_of(fields))

    def mark(self, error: InvalidFilter | None) -> None:
        """Underline what an error is about; None takes the line away."""
        attributes = []
        if error is not None and self.text():
            begin = min(error.column - 1, len(self.text()) - 1)
            line = QTextCharFormat()
            line.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            line.setUnderlineColor(QColor(theme.color("failed")))
            kind = QInputMethodEvent.AttributeType.TextFormat
            # Counted from the cursor, as for text that an input method is writing.
            shift = begin - self.cursorPosition()
            attributes.append(QInputMethodEvent.Attribute(kind, shift, error.length, QTextFormat(line)))
        QCoreApplication.sendEvent(self, QInputMethodEvent("", attributes))
        self.setToolTip("" if error is None else "\n".join(filter(None, (error.words, error.hint))))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the list of names by Ctrl+Space; Enter takes the chosen one, and is no search then."""
        if event.key() in _TAKING and self.names_list.isVisible() and self.names_list.currentIndex().isValid():
            # What is not taken here the list takes.
            event.ignore()
            return
        if event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._offer(always=True)
            return
        super().keyPressEvent(event)

    def _begun(self) -> str:
        """Return the word that ends at the cursor."""
        found = _WORD.search(self.text()[: self.cursorPosition()])
        return found.group() if found else ""

    def _offer(self, _text: str = "", *, always: bool = False) -> None:
        begun = self._begun()
        self.completer_.setCompletionPrefix(begun)
        if (begun or always) and self.completer_.completionCount() and self.completer_.currentCompletion() != begun:
            self.completer_.complete()
        else:
            self.names_list.hide()

    def _complete(self, name: str) -> None:
        at = self.cursorPosition()
        before, after = self.text()[: at - len(self._begun())], self.text()[at:]
        self.setText(f"{before}{name}{after}")
        self.setCursorPosition(len(before) + len(name))
        self.textEdited.emit(self.text())
        self.names_list.hide()


def names_of(fields: RunFields) -> list[str]:
    """Return what may be written before a comparison: names alone, those with their kind, and what every run has."""
    own = [field for field in fields.fields if field.kind in _WRITTEN]
    names = [written_key("", field.name) for field in own]
    names += [written_key(_WRITTEN[field.kind], field.name) for field in own]
    metrics = [field.name for field in own if field.kind is FieldKind.METRIC]
    names += [
        written_key(part, name) for part in _OF_METRICS for name in metrics if part != "best" or name in fields.goals
    ]
    return list(dict.fromkeys([*names, *OWN]))
