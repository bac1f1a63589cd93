"""The page of one compute: how it stands, its nodes, the runs that went there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.computes.words import machine_words, node_words, place_words, state_words
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.labelled_fields import LabelledFields
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.target_field import look_at_targets
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, PageStack, SecondaryLabel, state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.computes import ComputeRecord

_REFRESH_MS: Final = 1000
_Found = tuple["ComputeRecord", str | None, tuple[RunSummary, ...]]


class ComputePage(QWidget):
    """Reads again while it is looked at."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compute_page")
        self.setWindowTitle(name)
        self._workspace, self._bridge, self._name = workspace, bridge, name
        self.remove_button = QPushButton(self.tr("Remove"), self)
        icons.set_icon(self.remove_button, "trash", "text")
        self.remove_button.clicked.connect(self.remove)
        self.error = ErrorLine(self)
        self.kind, self.place, self.nodes, self.state = (SecondaryLabel("", self) for _ in range(4))
        facts = LabelledFields()
        for title, label in (
            (self.tr("Kind"), self.kind),
            (self.tr("Runs execute on"), self.place),
            (self.tr("Nodes"), self.nodes),
            (self.tr("State"), self.state),
        ):
            facts.add(title, label)
        self.table = ListTable(
            (self.tr("Run"), self.tr("State"), self.tr("Experiment"), self.tr("Created")), self.tr("Runs there"), self
        )
        for column, width in enumerate((0, 112, 160, 120)):
            self.table.setColumnWidth(column, width)
        self.table.open_wanted.connect(lambda run_id: bridge.go_to("run", run_id))
        words = self.tr("No run went there yet. Choose “{0}” as the target of a run in the script runner.")
        self.nothing = EmptyState("run", words.format(name))
        self.stack = PageStack(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.nothing)
        head = QHBoxLayout()
        head.addWidget(Heading(name, 1, self))
        head.addStretch(1)
        head.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_M)
        layout.addLayout(head)
        layout.addWidget(self.error)
        layout.addLayout(facts)
        layout.addWidget(Heading(self.tr("Runs there"), 2, self))
        layout.addWidget(self.stack, 1)
        self._reading = LatestReading(self, bridge)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Read the compute again."""
        self._reading.ask(self._read, self._show, self.error.show_error)

    def _read(self) -> _Found:
        computes = self._workspace.computes
        record, cluster = computes.get(self._name), computes.behind(self._name)
        return record, self._words(cluster) if cluster else None, computes.runs_of(self._name)

    def _words(self, cluster: str) -> str:
        computes = self._workspace.computes
        state = computes.state(cluster)
        # A name may mean a scheduler that others keep, too.
        words = state_words(state, is_own=not computes.get(cluster).address), machine_words(state)
        return "\n".join(filter(None, words))

    def _show(self, found: _Found) -> None:
        record, state, runs = found
        self.kind.setText(record.kind)
        self.place.setText(place_words(record))
        self.nodes.setText(node_words(record) or self.tr("As many as its scheduler has"))
        self.state.setText(self.tr("A name; there is nothing to start") if state is None else state)
        self.stack.setCurrentWidget(self.table if runs else self.nothing)
        self.table.fill(
            (
                run.id,
                (
                    Cell(run.display_name),
                    Cell(state_word(run.state)),
                    Cell(run.experiment),
                    Cell(formats.relative_time(run.created_at), run.created_at),
                ),
            )
            for run in runs
        )

    def remove(self) -> None:
        """Forget the compute, unless it is needed."""
        name, computes = self._name, self._workspace.computes
        self.remove_button.setEnabled(False)
        call_for(self, self._bridge, lambda: computes.delete(name), lambda _: self._on_removed(), self._on_refused)

    def _on_removed(self) -> None:
        self._timer.stop()
        self._bridge.computes_changed.emit()
        look_at_targets(self._bridge, self._workspace, self._bridge)
        self._bridge.go_to("computes")

    def _on_refused(self, error: DesktopAMLError) -> None:
        self.error.show_error(error)
        self.remove_button.setEnabled(True)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read now, and again while this is in front."""
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Read no more."""
        super().hideEvent(event)
        self._timer.stop()
