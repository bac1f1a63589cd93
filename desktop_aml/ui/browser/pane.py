"""The left pane: experiments, environments, models and endpoints as a tree that follows what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QTreeWidgetItem, QVBoxLayout, QWidget

from desktop_aml.domain.environments import EnvironmentSummary
from desktop_aml.domain.events import CHANGES, Event
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion
from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.browser.adding import AddButton, Adding
from desktop_aml.ui.browser.contents import Entry, read_contents
from desktop_aml.ui.browser.experiment_acts import ExperimentActs
from desktop_aml.ui.browser.tree import WorkspaceTree, children, entry_of
from desktop_aml.ui.environments.acts import EnvironmentActs
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.models.deploy_dialog import DeployDialog
from desktop_aml.ui.models.register_dialog import RegisterDialog
from desktop_aml.ui.runs.again.running_again import Answers, run_again
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.confirm import confirm
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.workspace.experiments import ExperimentSummary

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 250
_GROUP_PAGES: Final = {
    "experiments": "runs",
    "environments": "environments",
    "models": "models",
    "datasets": "datasets",
    "endpoints": "endpoints",
    "computes": "computes",
}


class WorkspaceBrowser(QWidget):
    """A click shows a thing, a double click or Enter keeps its page open."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace_browser")
        self._workspace = workspace
        self._bridge = bridge
        self._syncing = False
        self._read_again = False
        self._reading = False
        self.experiments = ExperimentActs(self, workspace, bridge, self.refresh)
        self.environments = EnvironmentActs(self, workspace, bridge, self.refresh)
        self.adding = Adding(self, workspace, bridge)
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        bridge.listen(self._on_event_happened, *CHANGES)
        theme.changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Filter the workspace"))
        self.filter.setClearButtonEnabled(True)
        leading = self.filter.addAction(icons.icon("filter"), QLineEdit.ActionPosition.LeadingPosition)
        icons.set_icon(leading, "filter", "secondary")
        self.tree = WorkspaceTree(self)
        self.add_button = AddButton(self.tree, self.adding.words)
        self.add_button.add_wanted.connect(self.adding.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self.filter)
        layout.addWidget(self.tree, 1)
        self.filter.textChanged.connect(self._show_matching)
        self.filter.returnPressed.connect(self.tree.setFocus)
        self.tree.itemClicked.connect(lambda item: self._go(item, preview=True))
        self.tree.itemDoubleClicked.connect(lambda item: self._go(item, preview=False))
        self.tree.item_entered.connect(lambda item: self._go(item, preview=False))
        self.tree.itemExpanded.connect(self._on_item_expanded)
        self.tree.customContextMenuRequested.connect(self._on_context_menu_requested)

    def refresh(self) -> None:
        """Read the workspace again; what is open, selected and scrolled to stays."""
        if self._reading:
            self._read_again = True
            return
        self._reading = True
        opened = self.tree.opened_experiments()
        call_for(self, self._bridge, lambda: read_contents(self._workspace, opened), self._on_read, self._on_failed)

    def _on_read(self, groups: tuple[Entry, ...]) -> None:
        self._syncing = True
        self.tree.sync(groups)
        self._syncing = False
        self._show_matching()
        self._end_reading()

    def _on_failed(self, error: object) -> None:
        # The next event asks again; the tree keeps showing what it knew.
        self.tree.setToolTip(str(error))
        self._end_reading()

    def _end_reading(self) -> None:
        self._reading = False
        if self._read_again:
            self._read_again = False
            self._timer.start()

    def _go(self, item: QTreeWidgetItem, *, preview: bool) -> None:
        entry = entry_of(item)
        if entry.kind == "group":
            self._bridge.go_to(_GROUP_PAGES[entry.key], "", preview=preview)
        elif entry.kind != "hint":
            self._bridge.go_to(entry.kind, entry.key, preview=preview)

    def _on_item_expanded(self, item: QTreeWidgetItem) -> None:
        entry = entry_of(item)
        if entry.may_open and not self._syncing:
            self.refresh()

    def _on_context_menu_requested(self, at: QPoint) -> None:
        item = self.tree.itemAt(at) or self.tree.currentItem()
        if item is not None:
            menu = self.menu(entry_of(item))
            if not menu.isEmpty():
                menu.popup(self.tree.viewport().mapToGlobal(at))

    def menu(self, entry: Entry) -> RowMenu:
        """Return what can be done with an entry."""
        menu = RowMenu(self)
        if entry.kind == "hint":
            return menu
        if entry.kind == "group":
            menu.entry("external", self.tr("Open"), lambda: self._bridge.go_to(_GROUP_PAGES[entry.key]))
            if words := self.adding.words(entry.key):
                menu.entry("plus", words, lambda: self.adding.add(entry.key))
            return menu
        menu.entry("external", self.tr("Open"), lambda: self._bridge.go_to(entry.kind, entry.key))
        value = entry.value
        if isinstance(value, RunSummary):
            self._fill_run_menu(menu, value)
        elif isinstance(value, ExperimentSummary):
            self.experiments.fill_menu(menu, value)
        elif isinstance(value, ModelVersion):
            menu.entry("deploy", self.tr("Deploy…"), lambda: self._deploy(value))
        elif isinstance(value, EnvironmentSummary):
            menu.entry("preparing", self.tr("Build"), lambda: self._ask_build(value))
            self.environments.fill_menu(menu, value)
        elif isinstance(value, Endpoint):
            self._fill_endpoint_menu(menu, value)
        menu.addSeparator()
        menu.entry("copy", self.tr("Copy name"), lambda: QGuiApplication.clipboard().setText(entry.key))
        return menu

    def _fill_run_menu(self, menu: RowMenu, run: RunSummary) -> None:
        ended, workspace = run.state.is_terminal(), self._workspace
        menu.entry(
            "rerun",
            self.tr("Run again"),
            lambda: run_again(self, workspace, self._bridge, run.id, answers=Answers(lambda _: None)),
        )
        menu.entry("edit", self.tr("Run again with changes…"), lambda: self._bridge.go_to("rerun", run.id))
        menu.entry(
            "cancel", self.tr("Cancel"), lambda: self._ask(lambda: workspace.runs.cancel(run.id)), enabled=not ended
        )
        menu.entry("model", self.tr("Register model…"), lambda: self._register(run.id), enabled=ended)

    def _fill_endpoint_menu(self, menu: RowMenu, endpoint: Endpoint) -> None:
        workspace, name = self._workspace, endpoint.name
        stopped = endpoint.state in {EndpointState.STOPPED, EndpointState.FAILED}
        if stopped:
            menu.entry("start", self.tr("Start"), lambda: self._ask(lambda: workspace.endpoints.start(name)))
        else:
            menu.entry("stop", self.tr("Stop"), lambda: self._ask(lambda: workspace.endpoints.stop(name)))
        uri = endpoint.scoring_uri
        menu.entry(
            "copy", self.tr("Copy scoring URI"), lambda: QGuiApplication.clipboard().setText(uri), enabled=bool(uri)
        )
        menu.entry("trash", self.tr("Delete…"), lambda: self._delete_endpoint(name))

    def _ask(self, work: object) -> None:
        call_for(self, self._bridge, work)  # type: ignore[arg-type]

    def _ask_build(self, value: EnvironmentSummary) -> None:
        self._ask(lambda: self._workspace.environments.build(value.name, value.version))

    def _deploy(self, model: ModelVersion) -> None:
        DeployDialog(self._workspace, self._bridge, model, self).open()

    def _register(self, run_id: str) -> None:
        RegisterDialog(self._workspace, self._bridge, run_id, parent=self).open()

    def _delete_endpoint(self, name: str) -> None:
        confirm(
            self,
            self.tr("Delete the endpoint “{0}”?").format(name),
            self.tr("It stops answering, and its keys and log are removed. The model stays."),
            self.tr("Delete"),
            lambda: self._ask(lambda: self._workspace.endpoints.delete(name)),
        )

    def _show_matching(self) -> None:
        wanted = self.filter.text().strip().casefold()
        for group in self.tree.groups():
            found = [_show_if_matching(item, wanted) for item in children(group)]
            group.setHidden(bool(wanted) and not any(found))

    def _on_event_happened(self, _event: Event) -> None:
        if not self._timer.isActive():
            self._timer.start()


def _show_if_matching(item: QTreeWidgetItem, wanted: str) -> bool:
    below = [_show_if_matching(child, wanted) for child in children(item)]
    found = not wanted or wanted in item.text(0).casefold() or any(below)
    item.setHidden(not found)
    return found
