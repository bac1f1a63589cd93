"""A splitter whose lines between the panes are moved by keys, too."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from desktop_aml.ui.widgets.by_keys.frame import FocusFrame

_STEP: Final = 24
_THICK: Final = 5
_KEYS: Final = {
    Qt.Orientation.Horizontal: {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1},
    Qt.Orientation.Vertical: {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1},
}


class KeyedSplitter(QSplitter):
    """Each line between its panes is a stop of Tab; the arrow keys across it move it."""

    def createHandle(self) -> QSplitterHandle:  # noqa: N802
        """Return a line that hears keys."""
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    def __init__(self, across: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(across, parent)
        self._frame: FocusFrame | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Line between two panes: arrow keys move it"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move the line."""
        step = _KEYS[self.orientation()].get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        splitter, number = self.splitter(), self.splitter().indexOf(self)
        before = splitter.sizes()[:number]
        line = sum(before) + (number - 1) * splitter.handleWidth()
        self.moveSplitter(line + step * _STEP)
        self._show_frame()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is: the line itself is too thin for it."""
        super().focusInEvent(event)
        self._show_frame()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Be a thin line again."""
        super().focusOutEvent(event)
        if self._frame is not None:
            # A splitter takes each child for a pane, so the frame is the window's, and goes when it is not needed.
            self._frame.deleteLater()
            self._frame = None

    def _show_frame(self) -> None:
        window = self.window()
        if window is self.splitter():
            return
        if self._frame is None:
            self._frame = FocusFrame(window)
        is_beside, more = self.orientation() is Qt.Orientation.Horizontal, _THICK // 2
        grown = self.rect().adjusted(*((-more, 0, more, 0) if is_beside else (0, -more, 0, more)))
        self._frame.show_at(QRect(self.mapTo(window, QPoint(grown.left(), grown.top())), grown.size()))
