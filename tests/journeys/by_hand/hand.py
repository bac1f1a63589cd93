"""A mouse and a keyboard on an X server: what they do comes to the window through the server, as from a person."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from typing import Final, TypeVar

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QTabBar, QWidget

T = TypeVar("T")
_DEADLINE_S: Final = float(os.environ.get("BY_HAND_SECONDS", "40"))
_LOOK_MS: Final = 5
_NEAR: Final = 10
_LATER_MS: Final = 100
"""A press comes later than it was asked for."""

_AGAIN_S: Final = 2.0
_TIMES: Final = 4


class Hand:
    """Moves, presses and types. Every act waits for nothing; `until` waits for what came of it."""

    def __init__(self) -> None:
        self._clicked = QPoint(), 0.0
        self._press: Callable[[], None] = lambda: None

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, stdout=subprocess.DEVNULL)
        QApplication.processEvents()

    def until(self, condition: Callable[[], T], what: str) -> T:
        """Let the window work until something is so, and return it."""
        loop, timer = QEventLoop(), QTimer(interval=_LOOK_MS)
        found: list[T] = []
        failed: list[Exception] = []
        end = time.monotonic() + _DEADLINE_S

        def look() -> None:
            try:
                now = condition()
            except Exception as error:  # it is raised again where it is waited for
                failed.append(error)
            else:
                if not now and time.monotonic() < end:
                    return
                found.append(now)
            loop.quit()

        timer.timeout.connect(look)
        timer.start()
        loop.exec()
        timer.stop()
        if failed:
            raise failed[0]
        if not found[0]:
            raise AssertionError(f"Waited in vain: {what}")
        return found[0]

    def repeat(self, act: Callable[[], object], condition: Callable[[], object], what: str) -> None:
        """Act, and again where nothing came of it: what was acted on may have been made anew meanwhile."""
        for _ in range(_TIMES):
            act()
            end = time.monotonic() + _AGAIN_S
            self.until(lambda end=end: condition() or time.monotonic() > end, what)
            if condition():
                return
        raise AssertionError(f"Waited in vain: {what}")

    def move(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Bring the pointer over a widget, to its middle or to a place in it, once nothing else lies there."""

        def place() -> QPoint | None:
            if not widget.isVisible():
                return None
            wanted = widget.mapToGlobal(at if at is not None else widget.rect().center())
            found = QApplication.widgetAt(wanted)
            return wanted if found is not None and (found is widget or widget.isAncestorOf(found)) else None

        wanted = self.until(place, f"{widget.objectName() or widget} to be in sight")
        self._do("mousemove", str(wanted.x()), str(wanted.y()))

    def click(
        self, widget: QWidget, at: QPoint | None = None, *, button: int = 1, times: int = 1, key: str = ""
    ) -> None:
        """Press and let go over a widget, with a key held down where one is named."""
        self.move(widget, at)
        self._keep_apart()
        held, free = (("keydown", key), ("keyup", key)) if key else ((), ())
        self._press = lambda: self._do(*held, "click", "--repeat", str(times), "--delay", "20", str(button), *free)
        self._press()

    def _keep_apart(self) -> None:
        """Let two clicks at one place be two clicks and not a double one, as a person means them."""
        place, now = QCursor.pos(), time.monotonic()
        before, at = self._clicked
        left_ms = QApplication.doubleClickInterval() - 1000 * (now - at)
        if (place - before).manhattanLength() <= _NEAR and left_ms > 0:
            self.rest(round(left_ms) + _LATER_MS)
        self._clicked = place, time.monotonic()

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Press at one place of a widget, and let go at another."""
        self.move(widget, start)
        self._do("mousedown", "1")
        for part in (1, 2, 3, 4):
            self.move(widget, start + (end - start) * part / 4)
            # Plots look at a hundred moves a second at most.
            self.rest(20)
        self._do("mouseup", "1")

    def rest(self, milliseconds: int) -> None:
        """Let time go by, for what counts it itself."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def keys(self, *names: str) -> None:
        """Press keys such as ``F5`` or ``ctrl+w``."""
        self._do("key", "--delay", "5", *names)

    def type(self, text: str) -> None:
        """Write a text where the keyboard is."""
        self._do("type", "--delay", "3", text)

    def click_cell(self, view: QAbstractItemView, row: int, column: int = 0, **more: object) -> None:
        """Press a cell of a table or list."""
        index = view.model().index(row, column)
        view.scrollTo(index)
        self.click(view.viewport(), view.visualRect(index).center(), **more)  # type: ignore[arg-type]

    def click_tab(self, bar: QTabBar, text: str) -> None:
        """Press a tab by its words."""
        number = next(one for one in range(bar.count()) if bar.tabText(one) == text)
        self.click(bar, bar.tabRect(number).center())

    def choose(self, *words: str) -> None:
        """Press entries of the menu that is open, one menu after the other."""
        # A press that came while the window was laid out anew opened nothing: it is made again.
        end = time.monotonic() + _AGAIN_S
        self.until(lambda: QApplication.activePopupWidget() is not None or time.monotonic() > end, "a menu")
        if QApplication.activePopupWidget() is None:
            self._press()
        for word in words:
            menu, action = self.until(lambda word=word: _entry(word), f"the entry “{word}”")
            self.click(menu, menu.actionGeometry(action).center())

    def focus(self, window: QWidget) -> None:
        """Give a window the keyboard, as its manager would: there is none here."""
        window.activateWindow()
        self.until(window.isActiveWindow, f"{window.windowTitle()} to have the keyboard")


def _entry(words: str) -> tuple[QMenu, QAction] | None:
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        return None
    for action in menu.actions():
        if action.isVisible() and action.text().partition("\t")[0].replace("&", "") == words:
            return menu, action
    return None
