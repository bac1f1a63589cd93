"""The titles of a table's columns by keys: go to one, sort by it, move it, make it wider, open its menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView

from desktop_aml.ui.widgets.by_keys.frame import FocusFrame

_STEP: Final = 16
"""Pixels by which a press makes a column wider or narrower."""

_Key, _Modifier = Qt.Key, Qt.KeyboardModifier
_STEPS: Final = {_Key.Key_Left: -1, _Key.Key_Right: 1}
_SORT_KEYS: Final = (_Key.Key_Return, _Key.Key_Enter, _Key.Key_Space)


class HeaderKeys(QObject):
    """Gives the header of a table the keyboard, one stop of Tab behind the table.

    Left and Right go from title to title, Enter or Space does what a click does, with Ctrl the column moves where the
    mouse could move it, with Shift it gets narrower or wider; Down goes back to the rows.

    Parameters
    ----------
    view : QAbstractItemView
        The table.
    header : QHeaderView
        Its header.
    covered : callable, optional
        How many pixels of the header lie under a column that stays in view.
    """

    def __init__(self, view: QAbstractItemView, header: QHeaderView, covered: Callable[[], int] = lambda: 0) -> None:
        super().__init__(header)
        self._view, self._header, self._covered = view, header, covered
        self._current = 0
        self._frame = FocusFrame(header)
        header.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        header.setAccessibleName(self.tr("Column titles of {0}").format(view.accessibleName()))
        header.installEventFilter(self)
        header.sectionResized.connect(self._show)
        header.sectionMoved.connect(self._show)
        view.horizontalScrollBar().valueChanged.connect(self._show)

    def current(self) -> int:
        """Return the logical number of the column whose title has the keyboard."""
        return self._current

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Hear the keys of the header."""
        kind = event.type()
        if kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut, QEvent.Type.Resize):
            self._go(0)
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._act_of(event):
            event.accept()
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            act = self._act_of(event)
            if act is not None:
                act()
                return True
        return False

    def _act_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        key, held = Qt.Key(event.key()), event.modifiers() & ~_Modifier.KeypadModifier
        step = _STEPS.get(key)
        if step is not None:
            acts = {
                _Modifier.NoModifier: self._go,
                _Modifier.ControlModifier: self._move,
                _Modifier.ShiftModifier: self._widen,
            }
            act = acts.get(held)
            return None if act is None else lambda: act(step)
        if held == _Modifier.NoModifier and key in _SORT_KEYS:
            return self._press
        if held == _Modifier.NoModifier and key == _Key.Key_Down:
            return lambda: self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        return None

    def _shown(self) -> list[int]:
        header = self._header
        places = map(header.logicalIndex, range(header.count()))
        return [section for section in places if not header.isSectionHidden(section)]

    def _go(self, step: int) -> None:
        shown = self._shown()
        if shown:
            place = shown.index(self._current) if self._current in shown else 0
            self._current = shown[min(len(shown) - 1, max(0, place + step))]
            if self._header.hasFocus():
                self._bring_into_view()
        self._show()

    def _bring_into_view(self) -> None:
        left = self._header.sectionViewportPosition(self._current)
        right = left + self._header.sectionSize(self._current)
        bar, covered = self._view.horizontalScrollBar(), self._covered()
        # What stays in view needs no scrolling, and the start of a wide column is shown before its end.
        if self._header.visualIndex(self._current) == 0 and covered:
            return
        if right > self._header.width():
            bar.setValue(bar.value() + right - self._header.width())
            left = self._header.sectionViewportPosition(self._current)
        if left < covered:
            bar.setValue(bar.value() + left - covered)

    def _press(self) -> None:
        header = self._header
        if not header.sectionsClickable():
            return
        if header.isSortIndicatorShown():
            # As a click does: the same column the other way round.
            is_up = header.sortIndicatorSection() == self._current and (
                header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            )
            order = Qt.SortOrder.DescendingOrder if is_up else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(self._current, order)
        header.sectionClicked.emit(self._current)
        self._show()

    def _move(self, step: int) -> None:
        shown = self._shown()
        place = shown.index(self._current) + step if self._current in shown else -1
        if self._header.sectionsMovable() and 0 <= place < len(shown):
            header = self._header
            header.moveSection(header.visualIndex(self._current), header.visualIndex(shown[place]))
            self._bring_into_view()

    def _widen(self, step: int) -> None:
        header = self._header
        if header.sectionResizeMode(self._current) == QHeaderView.ResizeMode.Interactive:
            width = header.sectionSize(self._current) + step * _STEP
            header.resizeSection(self._current, max(header.minimumSectionSize(), width))

    def _show(self, *_: int) -> None:
        header = self._header
        if not header.hasFocus() or not self._shown():
            self._frame.hide()
            return
        left, width = header.sectionViewportPosition(self._current), header.sectionSize(self._current)
        if header.visualIndex(self._current) == 0 and self._covered():
            left, width = 0, self._covered()
        self._frame.show_at(QRect(left, 0, width, header.height()))
        title = str(header.model().headerData(self._current, Qt.Orientation.Horizontal) or "")
        if header.isSortIndicatorShown() and header.sortIndicatorSection() == self._current:
            is_up = header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            title = (self.tr("{0}, least first") if is_up else self.tr("{0}, greatest first")).format(title)
        header.setAccessibleDescription(title)
