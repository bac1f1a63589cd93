"""How the code of a run differs from that of another: files, and lines of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_aml.domain.compare.code import CodeChange
from desktop_aml.domain.compare.locks import ChangeKind
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import icons
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.code import CodeView
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.pair_compare import PairCompareView
from desktop_aml.ui.widgets.widgets import EmptyState

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class CodeCompareView(PairCompareView):
    """Compares the code of a run with that of another one."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(workspace, bridge, parent)
        self._changes: dict[str, CodeChange] = {}
        self._build()

    def _build(self) -> None:
        self.bar.addStretch(1)
        self.files = ListTable((self.tr("File"), self.tr("Change")), self.tr("Files that differ"), self)
        self.files.setColumnWidth(1, 96)
        self.files.chosen.connect(self._show_lines)
        self.lines = CodeView(self)
        self.lines.setAccessibleName(self.tr("Lines that differ"))
        body = KeyedSplitter(Qt.Orientation.Horizontal, self)
        body.addWidget(self.files)
        body.addWidget(self.lines)
        body.setStretchFactor(1, 1)
        body.setSizes([260, 500])
        body.setChildrenCollapsible(False)
        self.note = EmptyState("compare", "", parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.note)
        self.stack.addWidget(body)
        self.put_below(self.stack)

    def compare(self, before: str, after: str) -> None:
        """Read the code of both runs and show the files that differ."""
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.runs.code.compare(before, after),
            lambda changes: self._show(changes, before),
            self._on_refused,
        )

    def _show(self, changes: tuple[CodeChange, ...], before: str) -> None:
        if before != self.before():
            return
        self._changes = {change.path: change for change in changes}
        words = {
            ChangeKind.ADDED: (self.tr("added"), "plus", "completed"),
            ChangeKind.REMOVED: (self.tr("removed"), "minus", "failed"),
            ChangeKind.CHANGED: (self.tr("changed"), "refresh", "running"),
        }
        self.files.fill(
            (one.path, (Cell(one.path, tip=one.path), Cell(words[one.kind][0], icon=icons.icon(*words[one.kind][1:]))))
            for one in changes
        )
        self.note.set_text(self.tr("Both executed exactly the same code."))
        self.stack.setCurrentIndex(1 if changes else 0)
        if changes and not self.files.current_key():
            self.files.choose(changes[0].path)

    def _show_lines(self, path: str) -> None:
        change = self._changes.get(path)
        if change is None:
            return
        words = "\n".join(change.lines) or self.tr("This file is no text, or too large to compare line by line.")
        self.lines.show_text(words, "changes.diff" if change.lines else "changes.txt")

    def _on_refused(self, error: DesktopAMLError) -> None:
        self.note.set_text(f"{error.message} {error.hint}".strip())
        self.stack.setCurrentIndex(0)
