"""Loads what the panes need before somebody opens them, off the window's thread: there it would hold up the window."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_aml.ui.shell.pages import KINDS

_CALM_MS: Final = 300
"""From the first pane to the first module: what was asked for comes first."""

_ROOMS: Final = (
    "shell",
    "runs",
    "plots",
    "viewers",
    "logs",
    "compare",
    "submit",
    "models",
    "datasets",
    "environments",
    "endpoints",
    "computes",
    "browser",
    "widgets",
)

_log = logging.getLogger(__name__)


def modules_of_panes() -> Iterator[str]:
    """Yield the modules of all pages, those that are opened most first, then all others of the window's rooms."""
    import pkgutil  # not needed for the first paint

    for kind in KINDS.values():
        yield f"desktop_aml.ui.{kind.module}"
    for room in _ROOMS:
        package = importlib.import_module(f"desktop_aml.ui.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield found.name


class LoadingAhead(QObject):
    """Imports modules one after the other on a thread of its own, some time after `begin`.

    Whoever needs one earlier imports it as ever; Python sees to it that each is made once.

    Parameters
    ----------
    parent : QObject
        Lives on the window's thread.
    names : iterable of str, optional
        The modules; those of all panes when left out.
    """

    loaded = Signal()
    """Everything is there."""

    def __init__(self, parent: QObject, names: Iterable[str] | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._timer.timeout.connect(self._start)

    def begin(self) -> None:
        """Load soon."""
        if self._thread is None:
            self._timer.start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._load, name="loading ahead")
        self._thread.start()

    def _load(self) -> None:
        from desktop_aml.ui.viewers.code_highlighter import get_ready as get_code_ready

        for name in self._names if self._names is not None else modules_of_panes():
            if self._is_over.is_set():
                return
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001 - a library that does not fit the others may raise anything
                # Whoever opens the pane is told; the others can still be loaded.
                _log.warning("%s could not be loaded ahead", name, exc_info=True)
        get_code_ready()
        self.loaded.emit()

    def is_done(self) -> bool:
        """Whether there is nothing left to load."""
        return self._thread is not None and not self._thread.is_alive()

    def stop(self) -> None:
        """Load no further module; wait for the one that is loaded now."""
        self._timer.stop()
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
