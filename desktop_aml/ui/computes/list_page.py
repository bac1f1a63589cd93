"""The page of all computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.ui.computes.add_dialog import AddComputeDialog
from desktop_aml.ui.computes.words import node_words, place_words
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, PageStack, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.computes import ComputeRecord


class ComputesPage(QWidget):
    """Every compute with where its runs execute."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("computes_page")
        self.setWindowTitle(self.tr("Computes"))
        self._workspace, self._bridge = workspace, bridge
        self.add_button = QPushButton(self.tr("Add a compute…"), self)
        icons.set_icon(self.add_button, "plus", "text")
        self.add_button.clicked.connect(self.add)
        titles = (self.tr("Name"), self.tr("Kind"), self.tr("Runs execute on"), self.tr("Nodes"))
        self.table = ListTable(titles, self.tr("Computes"), self, spare=(1,))
        for column, width in enumerate((0, 104, 208, 80)):
            self.table.setColumnWidth(column, width)
        self.setFocusProxy(self.table)
        self.table.open_wanted.connect(lambda name: bridge.go_to("compute", name))
        words = self.tr(
            "No compute yet. Add workers of this computer, other machines, or a batch system, for runs to go to."
        )
        self.empty = EmptyState("computer", words, self.tr("Add a compute…"))
        self.empty.pressed.connect(self.add)
        self.stack = PageStack(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        title = QHBoxLayout()
        title.addWidget(Heading(self.tr("Computes"), 1, self))
        title.addStretch(1)
        title.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(title)
        layout.addWidget(
            SecondaryLabel(self.tr("Where runs can go, by the names that scripts for Azure ML ask for."), self)
        )
        layout.addWidget(self.stack, 1)
        self._reading = LatestReading(self, bridge)
        bridge.computes_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read the computes again."""
        self._reading.ask(self._workspace.computes.list, self._show)

    def _show(self, found: dict[str, ComputeRecord]) -> None:
        self.stack.setCurrentWidget(self.table if found else self.empty)
        self.table.fill((name, self._cells(name, one)) for name, one in found.items())

    def _cells(self, name: str, one: ComputeRecord) -> tuple[Cell, ...]:
        return Cell(name), Cell(one.kind), Cell(place_words(one)), Cell(node_words(one))

    def add(self) -> None:
        """Ask for a new compute."""
        AddComputeDialog(self._workspace, self._bridge, self).open()
