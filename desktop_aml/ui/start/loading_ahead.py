"""Loads what the panes need before somebody opens them, a little at a time: at once it would hold up the window.

What makes types of Qt is loaded by the window's thread alone. Before Python 3.12 PySide6 keeps what it knows of types
in a table that Qt reads, on the window's thread, without Python's lock: a type that is made by another thread meanwhile
ends the program (seen in 2 of 160 starts with a screen reader, in PySide6 6.11).
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_aml.ui.session.turn_loading import TURN_S, WITHOUT_QT, load, types_of_qt

_CALM_MS: Final = 300
"""From the first pane to the first module: what was asked for comes first."""
_PAUSE_MS: Final = 5

_ROOMS: Final = (
    # What others are built of first: the less each loads, the shorter it holds up the window.
    "widgets",
    "plots",
    "viewers",
    "logs",
    "runs",
    "compare",
    "submit",
    "models",
    "datasets",
    "environments",
    "endpoints",
    "computes",
    "browser",
    "shell",
)

OF_AN_OPENING: Final = (
    "msgspec",
    "sqlite3",
    "desktop_aml.domain.requests",
    "desktop_aml.store.runs",
    "concurrent.futures.thread",
    "desktop_aml.workspace.runs",
    "desktop_aml.workspace.workspace",
    "desktop_aml.ui.session.session",
    "desktop_aml.ui.models.register_dialog",
    "desktop_aml.ui.browser.pane",
    "desktop_aml.ui.runs.jobs_pane",
    "desktop_aml.domain.scripts.reader",
    "desktop_aml.ui.submit.run_settings",
    "desktop_aml.ui.submit.script_runner",
)
"""What the first workspace needs: what others are built of comes first, so that none takes long."""


def modules_of_panes() -> Iterator[str]:
    """Yield the modules of all pages, and the others of the window's rooms."""
    import pkgutil  # not needed for the first paint

    for room in _ROOMS:
        package = importlib.import_module(f"desktop_aml.ui.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield found.name


def load_in_turns(owner: QObject, names: Iterable[str], then: Callable[[], object]) -> None:
    """Import modules, each in a turn of the event loop of its own, and go on with `then` while `owner` is there."""
    rest = iter(names)

    def go_on() -> None:
        name = next(rest, None)
        if name is None:
            then()
            return
        load(name)
        QTimer.singleShot(0, owner, go_on)

    go_on()


class LoadingAhead(QObject):
    """Imports modules some time after `begin`: first those without Qt, on a thread of its own, then the others here.

    Whoever needs one earlier imports it as ever; Python sees to it that each is made once.

    Parameters
    ----------
    parent : QObject
        Lives on the window's thread.
    names : iterable of str, optional
        The modules, and classes as ``module:name``, that are loaded by the window's thread; what all panes need when
        left out.
    """

    loaded = Signal()
    """Everything is there."""

    _elsewhere_over = Signal()

    def __init__(self, parent: QObject, names: Iterable[str] | None = None) -> None:
        super().__init__(parent)
        self._names = iter(names) if names is not None else chain(types_of_qt(), ("pyqtgraph",), modules_of_panes())
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._then: Callable[[], object] = self._load_some
        self._timer = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._timer.timeout.connect(self._begin)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._load_some)
        self._elsewhere_over.connect(self._go_on)

    def begin(self) -> None:
        """Load soon."""
        if self._thread is None:
            self._timer.start()

    def _begin(self) -> None:
        self._elsewhere(self._load_without_qt, self._load_some)

    def _elsewhere(self, work: Callable[[], None], then: Callable[[], object]) -> None:
        def do() -> None:
            work()
            self._elsewhere_over.emit()

        self._then = then
        self._thread = threading.Thread(target=do, name="loading ahead")
        self._thread.start()

    def _go_on(self) -> None:
        self._then()

    def _load_without_qt(self) -> None:
        for name in WITHOUT_QT:
            self._load(name)

    def _load_some(self) -> None:
        end = time.monotonic() + TURN_S
        while time.monotonic() < end:
            name = None if self._is_over.is_set() else next(self._names, None)
            if name is None:
                self._finish()
                return
            self._load(name)
        self._pause.start()

    def _finish(self) -> None:
        if self._is_over.is_set():
            return
        from desktop_aml.ui.viewers.code_highlighter import get_ready

        self._elsewhere(get_ready, self.loaded.emit)

    def _load(self, name: str) -> None:
        if not self._is_over.is_set():
            load(name)

    def stop(self) -> None:
        """Load no further module; wait for the one that is loaded now."""
        self._timer.stop()
        self._pause.stop()
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
