"""The panes at the sides: where each belongs, what is in it, how wide it is at first."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QWidget

from desktop_aml.domain.values import dataclass
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.texts import QT_TRANSLATE_NOOP
from desktop_aml.ui.shell.panes.pane_sizes import PaneSizes
from desktop_aml.ui.widgets.widgets import IconButton

if TYPE_CHECKING:
    from desktop_aml.ui.runs.jobs_pane import JobsPane
    from desktop_aml.ui.session.session import Session

_Area = Qt.DockWidgetArea
_SIDES: Final = (_Area.LeftDockWidgetArea, _Area.RightDockWidgetArea, _Area.BottomDockWidgetArea)
_ROOMY_WIDTH: Final = 1200
_JOBS_HEIGHT: Final = 112
_NO_LIMIT: Final = 16_777_215  # Qt's own largest size of a widget.


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """One pane: `size` is its width in pixels at the sides, its height at the bottom."""

    id: str
    title: str
    module: str
    name: str
    area: Qt.DockWidgetArea
    size: int
    shortcut: str


PANES: Final = (
    PaneSpec(
        "browser",
        QT_TRANSLATE_NOOP("panes", "Workspace"),
        "browser.pane",
        "WorkspaceBrowser",
        _Area.LeftDockWidgetArea,
        240,
        "Ctrl+1",
    ),
    PaneSpec(
        "runner",
        QT_TRANSLATE_NOOP("panes", "Script runner"),
        "submit.script_runner",
        "ScriptRunner",
        _Area.RightDockWidgetArea,
        340,
        "Ctrl+2",
    ),
    PaneSpec(
        "jobs",
        QT_TRANSLATE_NOOP("panes", "Jobs"),
        "runs.jobs_pane",
        "JobsPane",
        _Area.BottomDockWidgetArea,
        _JOBS_HEIGHT,
        "Ctrl+3",
    ),
)


class PaneTitle(QWidget):
    """The line above a pane: its name, and a button that hides it."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        label = QLabel(dock.windowTitle())
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(theme.font("strong"))
        label.setProperty("role", "secondary")
        hide = IconButton("close", self.tr("Hide pane: {0}").format(dock.windowTitle()))
        hide.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        hide.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_XS, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(label, 1)
        row.addWidget(hide)


class Docks:
    """The docks of one open workspace in the window.

    Each has its place at once. The script runner is made when it is first asked for: all would hold up the window.
    """

    def __init__(self, window: QMainWindow, session: Session) -> None:
        self._window = window
        self._session = session
        self._docks: dict[str, QDockWidget] = {}
        self._panes: dict[str, QWidget] = {}
        for spec in PANES:
            dock = QDockWidget(QCoreApplication.translate("panes", spec.title), window)
            dock.setObjectName(f"dock_{spec.id}")
            dock.setTitleBarWidget(PaneTitle(dock))
            bare = QWidget(dock)
            self._bound(spec, bare)
            dock.setWidget(bare)
            dock.toggleViewAction().setShortcut(spec.shortcut)
            self._docks[spec.id] = dock
        for pane_id in ("browser", "jobs"):
            self.pane(pane_id)
        self.sizes = PaneSizes(window, self._docks)
        jobs = self._jobs()
        jobs.emptied.connect(self._fit_jobs)
        self.reset()
        self._fit_jobs(jobs.is_empty())

    def _bound(self, spec: PaneSpec, within: QWidget) -> None:
        if spec.area is not _Area.BottomDockWidgetArea:
            within.setMinimumWidth(spec.size - theme.SPACE_XXL)

    def _made(self, spec: PaneSpec) -> QWidget:
        module = importlib.import_module(f"desktop_aml.ui.{spec.module}")
        dock = self._docks[spec.id]
        pane: QWidget = getattr(module, spec.name)(self._session.workspace, self._session.bridge)
        self._bound(spec, pane)
        bare = dock.widget()
        dock.setWidget(pane)
        bare.deleteLater()
        pane.show()
        return pane

    def reset(self) -> None:
        """Put every pane where it is at first."""
        for spec in PANES:
            dock = self._docks[spec.id]
            dock.setFloating(False)
            self._window.addDockWidget(spec.area, dock)
            dock.show()
        self.sizes.choose({spec.id: self._first_size(spec) for spec in PANES})

    def _first_size(self, spec: PaneSpec) -> int:
        if spec.area is _Area.BottomDockWidgetArea or self._window.width() >= _ROOMY_WIDTH:
            return spec.size
        # Beside a small window's panes there must be room for the page.
        return min(spec.size, 300) * 9 // 10

    def _jobs(self) -> JobsPane:
        return cast("JobsPane", self.pane("jobs"))

    def _fit_jobs(self, is_empty: bool) -> None:
        # Nothing to list takes one line; the height that a person chose comes back with the first job.
        self._jobs().setMaximumHeight(theme.ROW_HEIGHT + theme.SPACE_XS if is_empty else _NO_LIMIT)
        self.sizes.give_back()

    def pane(self, pane_id: str) -> QWidget:
        """Return the widget in a pane."""
        if pane_id not in self._panes:
            self._panes[pane_id] = self._made(next(spec for spec in PANES if spec.id == pane_id))
        return self._panes[pane_id]

    def is_made(self, pane_id: str) -> bool:
        """Whether anybody asked for a pane yet."""
        return pane_id in self._panes

    def reveal(self, pane_id: str, *, focus: bool = True) -> QWidget:
        """Show a pane, bring it to the front and give it the keyboard."""
        dock = self._docks[pane_id]
        dock.show()
        dock.raise_()
        pane = self.pane(pane_id)
        if focus:
            pane.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return pane

    def visible_panes(self) -> list[QWidget]:
        """Return the panes that can be seen, in a fixed order."""
        return [dock.widget() for dock in self._docks.values() if dock.isVisible()]

    def grow(self, within: QWidget | None, pixels: int) -> bool:
        """Make the pane that holds a widget larger, or smaller; say whether one holds it."""
        name = self._pane_around(within)
        if name:
            self.sizes.grow(name, pixels)
        return bool(name)

    def move(self, within: QWidget | None) -> bool:
        """Put the pane that holds a widget to the next side, at last into a window of its own; say whether one does."""
        dock = self._docks.get(self._pane_around(within))
        if dock is None:
            return False
        if dock.isFloating():
            dock.setFloating(False)
            self._window.addDockWidget(_SIDES[0], dock)
        elif (at := _SIDES.index(self._window.dockWidgetArea(dock)) + 1) < len(_SIDES):
            self._window.addDockWidget(_SIDES[at], dock)
        else:
            dock.setFloating(True)
        if within is not None:
            within.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _pane_around(self, within: QWidget | None) -> str:
        found = (name for name, dock in self._docks.items() if within is not None and dock.isAncestorOf(within))
        return next(found, "")

    def toggle_actions(self) -> list[QAction]:
        """Return the action that shows or hides each pane."""
        return [dock.toggleViewAction() for dock in self._docks.values()]

    def close(self) -> None:
        """Remove the panes: the workspace goes."""
        self.sizes.forget()
        for dock in self._docks.values():
            self._window.removeDockWidget(dock)
            # It lives until the event loop turns; a layout restored before that must not find it by name.
            dock.setObjectName("")
            dock.deleteLater()
        self._docks.clear()
        self._panes.clear()
