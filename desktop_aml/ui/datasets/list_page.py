"""The page of all datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion
from desktop_aml.domain.events import DatasetChanged
from desktop_aml.ui.datasets.register_dialog import RegisterDataDialog
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading
from desktop_aml.ui.widgets.list_table import Cell, ListTable, SearchedTable
from desktop_aml.ui.widgets.widgets import EmptyState, Heading

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_SEARCH_WIDTH: Final = 220


class DatasetsPage(QWidget):
    """Every dataset with its newest version."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("datasets_page")
        self.setWindowTitle(self.tr("Datasets"))
        self._workspace, self._bridge = workspace, bridge
        self.add_button = QPushButton(self.tr("Register data…"), self)
        icons.set_icon(self.add_button, "plus", "text")
        self.add_button.clicked.connect(self.add)
        titles = (
            self.tr("Name"),
            self.tr("Version"),
            self.tr("Kind"),
            self.tr("Files"),
            self.tr("Size"),
            self.tr("Registered"),
        )
        self.table = ListTable(titles, self.tr("Datasets"), self, numbers=(1, 3, 4), spare=(3, 2, 4))
        for column, width in enumerate((0, 72, 72, 72, 88, 120)):
            self.table.setColumnWidth(column, width)
        self.setFocusProxy(self.table)
        self.table.open_wanted.connect(lambda name: bridge.go_to("dataset", name))
        words = self.tr("No dataset yet. Drop a data file on the window, or register files: their hashes are kept.")
        self.empty = EmptyState("table", words, self.tr("Register data…"))
        self.empty.pressed.connect(self.add)
        nothing = self.tr("No dataset matches.")
        self.stack = SearchedTable(self.table, self.tr("Search datasets"), nothing, self.empty, self)
        self.stack.search.setMaximumWidth(_SEARCH_WIDTH)
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_S)
        title.addWidget(Heading(self.tr("Datasets"), 1, self))
        title.addStretch(1)
        title.addWidget(self.stack.search)
        title.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(title)
        layout.addWidget(self.stack, 1)
        self._reading = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, DatasetChanged)
        self.refresh()

    def find_in_page(self) -> bool:
        """Give the keyboard to the search."""
        return self.stack.find_in_page()

    def refresh(self) -> None:
        """Read the datasets again."""
        self._reading.ask(self._workspace.datasets.list, self._show)

    def _show(self, found: tuple[DatasetVersion, ...]) -> None:
        self.table.fill((one.name, self._cells(one)) for one in found)
        self.stack.show_matching()

    def _cells(self, one: DatasetVersion) -> tuple[Cell, ...]:
        return (
            Cell(one.name, tip=one.description),
            Cell(str(one.version), one.version),
            Cell(kind_words(one.kind)),
            Cell(formats.count(len(one.files)), len(one.files)),
            Cell(formats.size(one.size_bytes), one.size_bytes),
            Cell(formats.relative_time(one.created_at), one.created_at),
        )

    def _on_event_happened(self, _event: DatasetChanged) -> None:
        self.refresh()

    def add(self) -> None:
        """Ask for data to register."""
        RegisterDataDialog(self._workspace, self._bridge, self).open()


def kind_words(kind: DatasetKind) -> str:
    """Return a kind in a word."""
    words = {
        DatasetKind.TABULAR: QCoreApplication.translate("datasets", "Table"),
        DatasetKind.FILE: QCoreApplication.translate("datasets", "Files"),
    }
    return words[kind]
