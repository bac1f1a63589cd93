"""What is added to a group of the workspace browser: the act of each heading, and the button that offers it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.browser.tree import WorkspaceTree, entry_of
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.widgets.widgets import IconButton

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class Adding(QObject):
    """The acts, by the key of their group; an endpoint is made of a model, and has none here."""

    def __init__(self, page: QWidget, workspace: Workspace, bridge: Bridge) -> None:
        super().__init__(page)
        self._page, self._workspace, self._bridge = page, workspace, bridge
        self._acts: dict[str, tuple[str, Callable[[], object]]] = {
            "experiments": (self.tr("Choose a script to run…"), lambda: bridge.go_to("script")),
            "environments": (self.tr("New environment…"), lambda: bridge.go_to("environment")),
            "models": (self.tr("Import model file…"), lambda: bridge.go_to("import_model")),
            "datasets": (self.tr("Register data…"), self._register_data),
            "computes": (self.tr("Add a compute…"), self._add_compute),
        }

    def words(self, group: str) -> str:
        """Return what the act is called; empty where there is none."""
        return self._acts[group][0] if group in self._acts else ""

    def add(self, group: str) -> None:
        """Begin to add something to a group."""
        self._acts[group][1]()

    def _register_data(self) -> None:
        from desktop_aml.ui.datasets.register_dialog import RegisterDataDialog  # not needed to show a tree

        RegisterDataDialog(self._workspace, self._bridge, self._page).open()

    def _add_compute(self) -> None:
        from desktop_aml.ui.computes.add_dialog import AddComputeDialog  # not needed to show a tree

        AddComputeDialog(self._workspace, self._bridge, self._page).open()


class AddButton(IconButton):
    """Stands beside the count of the heading that the mouse is on. The keyboard has the menu of the heading."""

    add_wanted = Signal(str)
    """The key of a group."""

    def __init__(self, tree: WorkspaceTree, words: Callable[[str], str]) -> None:
        super().__init__("plus", "", tree.viewport())
        self._tree, self._words, self._group = tree, words, ""
        self.hide()
        tree.viewport().setMouseTracking(True)
        tree.viewport().installEventFilter(self)
        tree.verticalScrollBar().valueChanged.connect(self.hide)
        tree.model().rowsInserted.connect(self.hide)
        tree.model().rowsRemoved.connect(self.hide)
        self.clicked.connect(self._on_clicked)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the mouse over the tree."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            self._stand_beside(event.position().toPoint())
        elif event.type() in {QEvent.Type.Leave, QEvent.Type.Resize}:
            self.hide()
        return False

    def _stand_beside(self, at: QPoint) -> None:
        item = self._tree.itemAt(at)
        entry = entry_of(item) if item is not None else None
        words = self._words(entry.key) if entry is not None and entry.kind == "group" else ""
        self.setVisible(bool(words))
        if item is None or entry is None or not words:
            return
        self._group = entry.key
        self.setToolTip(words)
        self.setAccessibleName(words)
        row = self._tree.visualItemRect(item)
        count = QFontMetrics(theme.font("small")).horizontalAdvance(entry.note) + theme.SPACE_S if entry.note else 0
        self.move(row.right() - count - theme.SPACE_XS - self.width(), row.top() + (row.height() - self.height()) // 2)

    def _on_clicked(self) -> None:
        self.add_wanted.emit(self._group)
