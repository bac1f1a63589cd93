"""Loads what the panes need before somebody opens them, a little at a time: at once it would hold up the window.

What makes types of Qt is loaded by the window's thread alone. Before Python 3.12 PySide6 keeps what it knows of types
in a table that Qt reads, on the window's thread, without Python's lock: a type that is made by another thread meanwhile
ends the program (seen in 2 of 160 starts with a screen reader, in PySide6 6.11).
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_CALM_MS: Final = 300
"""From the first pane to the first module: what was asked for comes first."""
_TURN_S: Final = 0.008
"""How long modules are loaded before what else there is to do has its turn; one that is begun is loaded whole."""
_PAUSE_MS: Final = 5

_WITHOUT_QT: Final = ("numpy", "pydoc", "multiprocessing", "pygments.lexers.python", "xml.etree.ElementTree")
"""What takes longest of that which the modules of the panes load and which makes no types of Qt."""

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

_log = logging.getLogger(__name__)


def types_of_qt() -> Iterator[str]:
    """Yield the classes that PySide6 makes when they are first named: Pyqtgraph names them all in one go."""
    for module in ("QtCore", "QtGui", "QtWidgets"):
        for name in dir(importlib.import_module(f"PySide6.{module}")):
            yield f"PySide6.{module}:{name}"


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
        _load(name)
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
        for name in _WITHOUT_QT:
            self._load(name)

    def _load_some(self) -> None:
        end = time.monotonic() + _TURN_S
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
            _load(name)

    def stop(self) -> None:
        """Load no further module; wait for the one that is loaded now."""
        self._timer.stop()
        self._pause.stop()
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()


def _load(name: str) -> None:
    module, _, word = name.partition(":")
    try:
        loaded = importlib.import_module(module)
        if word:
            getattr(loaded, word)
    except Exception:  # noqa: BLE001 - a library that does not fit the others may raise anything
        # Whoever opens the pane is told; the others can still be loaded.
        _log.warning("%s could not be loaded ahead", name, exc_info=True)
