"""Modules are loaded in small turns of the event loop: at once they would hold up the window."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desktop_aml.ui.session.bridge import Bridge

TURN_S: Final = 0.008
"""How long modules are loaded before what else there is to do has its turn; one that is begun is loaded whole."""

WITHOUT_QT: Final = (
    "numpy",
    "pydoc",
    "multiprocessing",
    "cProfile",
    "pygments.lexers.python",
    "pygments.lexers.data",
    "xml.etree.ElementTree",
)
"""What takes longest of that which the modules of the panes load and which makes no types of Qt."""

_log = logging.getLogger(__name__)


def types_of_qt() -> Iterator[str]:
    """Yield the classes that PySide6 makes when they are first named: Pyqtgraph names them all in one go."""
    for module in ("QtCore", "QtGui", "QtWidgets"):
        for name in dir(importlib.import_module(f"PySide6.{module}")):
            yield f"PySide6.{module}:{name}"


def load_in_turns(owner: QObject, bridge: Bridge, names: Iterable[str], then: Callable[[], object]) -> None:
    """Load modules, or classes as ``module:name``, in turns, then go on, unless `owner` is deleted meanwhile.

    Until then the bridge is busy.
    """
    rest = iter(names)

    def go_on() -> None:
        if not isValid(owner):
            return
        end = time.monotonic() + TURN_S
        for name in rest:
            load(name)
            if time.monotonic() >= end:
                bridge.soon(go_on)
                return
        then()

    go_on()


def load(name: str) -> None:
    """Load a module, or a class of one as ``module:name``; a fault is logged."""
    module, _, word = name.partition(":")
    try:
        loaded = importlib.import_module(module)
        if word:
            getattr(loaded, word)
    except Exception:  # noqa: BLE001 - a library that does not fit the others may raise anything
        # Whoever opens the pane is told; the others can still be loaded.
        _log.warning("%s could not be loaded ahead", name, exc_info=True)
