"""How large the side panes are meant to be: what a page that needs much room takes from them, they get back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow

_SIDES: Final = Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
_LAID_OUT: Final = frozenset({QEvent.Type.LayoutRequest, QEvent.Type.Resize})


class PaneSizes(QObject):
    """Keeps the sizes that a person or the layout chose.

    Qt takes from the panes what the page in front needs and never gives it back: each page with a large least size
    would leave them smaller for good.
    """

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._chosen: dict[str, tuple[bool, int]] = {}
        self._dragged_from: dict[str, int] = {}
        self._is_dragging = False
        self._takes_them = False
        self._tried: object = None
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._give_back_if_changed)
        window.installEventFilter(self)

    def choose(self, sizes: Mapping[str, int]) -> None:
        """Give panes these sizes: widths at the sides, heights above and below."""
        self._chosen.update({name: (self._is_beside(name), sizes[name]) for name in self._docks if name in sizes})
        self.give_back()

    def grow(self, name: str, pixels: int) -> None:
        """Make a pane larger, or smaller where `pixels` are below 0, as a separator that is dragged does."""
        dock, is_beside = self._docks[name], self._is_beside(name)
        least = dock.minimumSizeHint().width() if is_beside else dock.minimumSizeHint().height()
        self.choose({name: max(least, self._size_of(name) + pixels)})

    def take_as_they_are(self) -> None:
        """Take what the panes have when they are laid out next: they were put in place, and nobody said how large."""
        self._chosen, self._takes_them = {}, True
        self._timer.start()

    def chosen(self) -> dict[str, int]:
        """Return the sizes that panes have where there is room, without those moved to another kind of edge."""
        return {name: size for name, (is_beside, size) in self._chosen.items() if is_beside is self._is_beside(name)}

    def give_back(self) -> None:
        """Let the panes have the sizes that were chosen, as far as the page in front leaves room."""
        for is_beside, across in ((True, Qt.Orientation.Horizontal), (False, Qt.Orientation.Vertical)):
            # A pane that was moved from a side to an edge above or below is as Qt places it: its size was a width.
            chosen = {name: self._chosen.get(name) for name in self._present() if self._is_beside(name) is is_beside}
            sizes = {name: one[1] for name, one in chosen.items() if one is not None and one[0] is is_beside}
            self._window.resizeDocks([self._docks[name] for name in sizes], list(sizes.values()), across)
        self._tried = self._room()

    def forget(self) -> None:
        """Let go of the panes: they are about to be removed."""
        self._window.removeEventFilter(self)
        self._timer.stop()
        self.deleteLater()  # the window, whose child it is, has others with the next workspace

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Learn from a separator that was dragged, and look again whenever the window is laid out."""
        kind = event.type()
        if kind in _LAID_OUT:
            self._timer.start()
        elif kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            # By another button a menu comes, to which the release goes.
            is_left = event.button() is Qt.MouseButton.LeftButton
            self._is_dragging = is_left and self._window.isSeparator(event.position().toPoint())
            self._dragged_from = self._present() if self._is_dragging else {}
        elif kind == QEvent.Type.MouseButtonRelease and self._is_dragging:
            # Qt moves the separator in a turn of its own.
            self._is_dragging = False
            self._timer.start()
        return False

    def _give_back_if_changed(self) -> None:
        if self._is_dragging:
            return
        if self._takes_them:
            # Before the window is seen, nothing in it has its size.
            if self._window.isVisible():
                self._takes_them = False
                self._chosen = {name: (self._is_beside(name), size) for name, size in self._present().items()}
        elif self._dragged_from:
            self._learn_what_was_dragged()
        elif self._room() != self._tried:
            self.give_back()

    def _learn_what_was_dragged(self) -> None:
        before, self._dragged_from = self._dragged_from, {}
        for name, size in self._present().items():
            if before.get(name) != size:
                self._chosen[name] = self._is_beside(name), size

    def _present(self) -> dict[str, int]:
        """Return the sizes of the panes that are placed beside the page."""
        placed = [name for name, dock in self._docks.items() if not dock.isFloating() and not dock.isHidden()]
        return {name: self._size_of(name) for name in placed}

    def _size_of(self, name: str) -> int:
        dock = self._docks[name]
        return dock.width() if self._is_beside(name) else dock.height()

    def _is_beside(self, name: str) -> bool:
        return bool(self._window.dockWidgetArea(self._docks[name]) & _SIDES)

    def _room(self) -> tuple[QSize, QSize, tuple[QSize, ...]]:
        # What decides how much the panes can have; their own sizes follow from it, and asking again changes nothing.
        least = tuple(self._docks[name].minimumSizeHint() for name in self._present())
        page = self._window.centralWidget()
        needed = QSize() if page is None else page.minimumSizeHint().expandedTo(page.minimumSize())
        return self._window.size(), needed, least
