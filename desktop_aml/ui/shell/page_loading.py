"""What the tabs of the last time need is loaded before they are opened again, a little in each turn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import chain
from typing import Final

from PySide6.QtCore import QObject

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.turn_loading import WITHOUT_QT, load, load_in_turns, types_of_qt
from desktop_aml.ui.shell.pages import KINDS

_PLOTS: Final = "pyqtgraph"
_PARTS_OF_QT: Final = ("PySide6.QtSvg", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtTest")
"""What Pyqtgraph loads besides."""

_WITH_CODE: Final = ("run", "environment")
_BUILT_OF: Final = {
    "run": (
        *_PARTS_OF_QT,
        _PLOTS,
        "logs.view",
        "viewers.preview",
        "runs.code_tab",
        "plots.data",
        "runs.metrics_tab",
        "plots.across.panel",
        "runs.sweep_tab",
    ),
    "compare": (*_PARTS_OF_QT, _PLOTS, "plots.data", "plots.metric_plot", "plots.across.panel", "viewers.picture"),
    "endpoint": (*_PARTS_OF_QT, _PLOTS, "plots.data", "logs.view"),
    "runs": ("domain.filters.finding", "runs.list", "runs.around_table.more_menu"),
    "computes": ("workspace.builds.space", "workspace.environments", "widgets.list_table"),
    "compute": ("workspace.builds.space", "workspace.environments"),
}
"""By the kind of a page, what takes a while: rooms of the window, others of the program by their whole path."""

_ROOMS_OF_ALL: Final = ("domain.", "workspace.")


def load_for(owner: QObject, bridge: Bridge, kind: str, then: Callable[[], object]) -> None:
    """Load what a kind of page needs, and go on with `then`."""
    names = [name for name in _names_of(kind) if name not in sys.modules]

    def go_on() -> None:
        types = types_of_qt() if _PLOTS in names else ()
        load_in_turns(owner, bridge, chain(types, names), then if kind not in _WITH_CODE else read_code)

    def read_code() -> None:
        from desktop_aml.ui.viewers.code_highlighter import get_ready

        call_for(owner, bridge, get_ready, lambda _: then())

    if _PLOTS not in names:
        go_on()
        return
    # What makes no types of Qt is loaded on a worker, and the window stays free meanwhile.
    call_for(owner, bridge, _load_without_qt, lambda _: go_on())


def _load_without_qt() -> None:
    for name in WITHOUT_QT:
        load(name)


def _names_of(kind: str) -> list[str]:
    page = [KINDS[kind].module] if kind in KINDS else []
    return [_whole(name) for name in (*_BUILT_OF.get(kind, ()), *page)]


def _whole(name: str) -> str:
    if name == _PLOTS or name in _PARTS_OF_QT:
        return name
    return f"desktop_aml.{name}" if name.startswith(_ROOMS_OF_ALL) else f"desktop_aml.ui.{name}"
