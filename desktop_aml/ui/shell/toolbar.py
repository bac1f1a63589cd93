"""The toolbar: the workspace, Run, Cancel, Run again, the search for runs, the palette."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.shell.actions import ActionSet

_ACTS: Final = ("start_run", "cancel_run", "run_again")


class MainToolBar(QToolBar):
    """Forty pixels high, always in place."""

    def __init__(self, actions: ActionSet, workspace_menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("main_toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(icons.BESIDE_WORDS)
        self.setFixedHeight(theme.TOOLBAR_HEIGHT)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._workspace = self._workspace_button(workspace_menu)
        self.addWidget(self._workspace)
        self._rule = self.addSeparator()
        self._acts = {actions[name]: actions.spec(name).translated() for name in _ACTS}
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._space = self.addWidget(space)
        self.search = self._search_button(actions)
        self._search_place = self.addWidget(self.search)
        self._is_searched_in_front = False
        palette = QToolButton()
        palette.setDefaultAction(actions["show_palette"])
        palette.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        palette.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        palette.setAccessibleName(actions.spec("show_palette").translated())
        self.addWidget(palette)
        self._show_acts(False)

    def set_workspace(self, name: str) -> None:
        """Show the name of the open workspace; empty when there is none."""
        metrics = self._workspace.fontMetrics()
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, 200) or self.tr("No workspace")
        self._workspace.setText(text.replace("&", "&&"))
        self._workspace.setToolTip(name or self.tr("Open or make a workspace"))
        self._show_acts(bool(name))

    def _show_acts(self, shown: bool) -> None:
        """Show what needs a workspace; the menus have it in any case."""
        self._rule.setVisible(shown)
        self._has_workspace = shown
        self._search_place.setVisible(shown and not self._is_searched_in_front)
        for action, words in self._acts.items():
            if not shown:
                self.removeAction(action)
            elif action not in self.actions():
                self.insertAction(self._space, action)
                self.widgetForAction(action).setAccessibleName(words)

    def yield_search(self, is_in_front: bool) -> None:
        """Leave the search out while the page in front is the table of runs, which has it."""
        self._is_searched_in_front = is_in_front
        self._search_place.setVisible(self._has_workspace and not is_in_front)

    def _workspace_button(self, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setObjectName("workspace_button")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(self.tr("Workspace"))
        icons.set_icon(button, "workspace", "secondary")
        return button

    def _search_button(self, actions: ActionSet) -> QToolButton:
        # Not the action's own button: that would write the shortcut into its words.
        spec, button = actions.spec("search_runs"), QToolButton()
        button.setObjectName("search_runs")
        button.setText(spec.translated())
        keys = spec.key_sequence().toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{spec.translated()} ({keys})")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        icons.set_icon(button, "search", "secondary")
        button.clicked.connect(actions["search_runs"].trigger)
        return button
