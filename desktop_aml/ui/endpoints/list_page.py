"""The page of all endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.events import EndpointChanged
from desktop_aml.domain.registry import Endpoint
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, PageStack, state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 200


class EndpointsPage(QWidget):
    """Every endpoint with its state, model and address."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("endpoints_page")
        self.setWindowTitle(self.tr("Endpoints"))
        self._workspace = workspace
        self._bridge = bridge
        self.table = ListTable(
            (self.tr("Name"), self.tr("State"), self.tr("Model"), self.tr("Scoring URI"), self.tr("Created")),
            self.tr("Endpoints"),
            self,
            spare=(4, 3, 2),
        )
        for column, width in enumerate((0, 112, 144, 224, 96)):
            self.table.setColumnWidth(column, width)
        self.setFocusProxy(self.table)
        self.table.open_wanted.connect(lambda name: bridge.go_to("endpoint", name))
        self.deploy_button = QPushButton(self.tr("Deploy a model…"), self)
        self.deploy_button.setToolTip(self.tr("Choose a model in the registry; its page deploys it"))
        icons.set_icon(self.deploy_button, "deploy", "text")
        words = self.tr("No endpoints yet. Deploy a registered model to serve it.")
        self.empty = EmptyState("endpoint", words, self.deploy_button.text())
        for act in (self.deploy_button.clicked, self.empty.pressed):
            act.connect(lambda: bridge.go_to("models"))
        self.stack = PageStack(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        title = QHBoxLayout()
        title.addWidget(Heading(self.tr("Endpoints"), 1, self))
        title.addStretch(1)
        title.addWidget(self.deploy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_M)
        layout.addLayout(title)
        layout.addWidget(self.stack, 1)
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, EndpointChanged)
        self.refresh()

    def refresh(self) -> None:
        """Read the endpoints again."""
        self._reading.ask(self._workspace.endpoints.list, self._show)

    def _show(self, found: tuple[Endpoint, ...]) -> None:
        self.table.fill((one.name, self._cells(one)) for one in found)
        self.stack.setCurrentWidget(self.table if found else self.empty)

    def _cells(self, one: Endpoint) -> tuple[Cell, ...]:
        return (
            Cell(one.name, tip=one.description or one.name),
            Cell(state_word(one.state), icon=icons.state_icon(one.state), tip=one.error),
            Cell(one.model_label),
            Cell(one.scoring_uri or formats.NOTHING, one.scoring_uri),
            Cell(formats.relative_time(one.created_at), one.created_at, formats.exact_time(one.created_at)),
        )

    def _on_event_happened(self, _event: EndpointChanged) -> None:
        if not self._timer.isActive():
            self._timer.start()
