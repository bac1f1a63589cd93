"""How an environment differs from another version, or from what another run used: packages and specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStackedWidget, QWidget

from desktop_aml.domain.compare.locks import ChangeKind, EnvironmentDiff, LockChange
from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import formats, icons
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.code import CodeView
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.pair_compare import PairCompareView
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_WIDTHS: Final = (128, 72, 72, 112)
_ICONS: Final = {
    ChangeKind.ADDED: ("plus", "completed"),
    ChangeKind.REMOVED: ("minus", "failed"),
    ChangeKind.CHANGED: ("refresh", "running"),
    ChangeKind.REPLACED: ("refresh", "secondary"),
}


class LockCompareView(PairCompareView):
    """Compares an environment with another version, or with what another run used."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(workspace, bridge, parent)
        self._texts: Mapping[str, str] = {}
        self._build()

    def _build(self) -> None:
        self.summary = SecondaryLabel("", self)
        self.summary.setWordWrap(False)
        self.bar.addWidget(self.summary, 1)
        titles = (self.tr("Package"), self.tr("Before"), self.tr("After"), self.tr("Change"))
        self.table = ListTable(titles, self.tr("Packages that differ"), self)
        header = self.table.header()
        # The place is narrow: names keep their room, and what became of them takes what is left.
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        self.note = EmptyState("compare", "", parent=self)
        self.packages = QStackedWidget(self)
        self.packages.addWidget(self.note)
        self.packages.addWidget(self.table)
        self.text = CodeView(self)
        self.text.setAccessibleName(self.tr("Lines of the specification that differ"))
        body = KeyedSplitter(Qt.Orientation.Horizontal, self)
        body.addWidget(self.packages)
        body.addWidget(self.text)
        body.setSizes([440, 320])
        body.setChildrenCollapsible(False)
        self.empty = EmptyState("compare", "", parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(body)
        self.put_below(self.stack)

    def show_versions(self, version: EnvironmentVersion, versions: Sequence[EnvironmentVersion]) -> None:
        """Compare a version of an environment with another one of it."""
        others = [one for one in versions if one.version != version.version]
        # The version before comes first: it is what a person mostly asks about.
        others.sort(key=lambda one: (one.version > version.version, abs(one.version - version.version)))
        choices = [(self.tr("Version {0}").format(one.version), one.label) for one in others]
        texts = {one.label: one.text for one in versions}
        self.show_sides(version.label, choices, self.tr("There is no other version yet."), texts)

    def show_sides(
        self, after: str, others: Sequence[tuple[str, str]], nothing: str, texts: Mapping[str, str] | None = None
    ) -> None:
        """Compare `after` with one of `others`.

        Parameters
        ----------
        after : str
            ``name:version`` or the id of a run.
        others : sequence of tuple
            Words and key of each other side.
        nothing : str
            What to say when there is no other side.
        texts : mapping, optional
            Specifications by key, compared even when nothing was built.
        """
        self._texts = texts or {}
        self.empty.set_text(nothing)
        self.stack.setCurrentIndex(1 if others else 0)
        self.offer(after, others)

    def compare(self, before: str, after: str) -> None:
        """Read what both resolved to and show the packages that differ."""
        self._show_lines(self._own_lines(before, after))
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.environments.compare(before, after),
            lambda diff: self._on_compared(diff, before),
            lambda error: self._on_refused(error, before),
        )

    def _own_lines(self, before: str, after: str) -> list[str]:
        old, new = (self._texts.get(key, "").splitlines() for key in (before, after))
        return list(unified_diff(old, new, n=2, lineterm=""))[2:]

    def _on_compared(self, diff: EnvironmentDiff, before: str) -> None:
        if before != self.before():
            return
        changes = (*diff.base, *diff.packages)
        words = self.tr("{0} differences").format(formats.count(len(changes))) if changes else ""
        same = self.tr("The specifications are the same.")
        self.summary.setText(f"{words} · {same}" if changes and not diff.text_lines else words)
        packages = self.tr("Both resolved to exactly the same packages.")
        self.note.set_text(packages if diff.text_lines else f"{packages} {same}")
        self.packages.setCurrentIndex(1 if changes else 0)
        self.table.fill((change.name, self._cells(change)) for change in changes)
        self._show_lines(diff.text_lines)

    def _on_refused(self, error: DesktopAMLError, before: str) -> None:
        if before == self.before():
            self.summary.setText("")
            self.note.set_text(error.message)
            self.packages.setCurrentIndex(0)

    def _cells(self, change: LockChange) -> tuple[Cell, ...]:
        words = {
            ChangeKind.ADDED: self.tr("added"),
            ChangeKind.REMOVED: self.tr("removed"),
            ChangeKind.CHANGED: self.tr("other version"),
            ChangeKind.REPLACED: self.tr("other file"),
        }
        kind = Cell(words[change.kind], icon=icons.icon(*_ICONS[change.kind]))
        return Cell(change.name), Cell(change.before or formats.NOTHING), Cell(change.after or formats.NOTHING), kind

    def _show_lines(self, lines: Sequence[str]) -> None:
        self.text.show_text("\n".join(lines), "changes.diff")
        # Without a line that differs its place is better used.
        self.text.setVisible(bool(lines))
