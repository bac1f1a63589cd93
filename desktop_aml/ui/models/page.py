"""The page of one model: its versions, what each is made of, and what can be done with it."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import DesktopAMLError, NotFound
from desktop_aml.domain.events import EndpointChanged, ModelDeleted, ModelRegistered
from desktop_aml.domain.registry import Endpoint, ModelVersion
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.summaries.model_signatures import ModelSignature
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.labels import environment_text
from desktop_aml.ui.models.deploy_dialog import DeployDialog, endpoint_name
from desktop_aml.ui.models.editing import ModelEditing, pairs
from desktop_aml.ui.models.rules import Rules, read_rules
from desktop_aml.ui.models.signatures import column_words, signatures
from desktop_aml.ui.models.version_differences import MOST, VersionTable
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.session.undoable import Undoable
from desktop_aml.ui.widgets.button_words import ButtonWords
from desktop_aml.ui.widgets.facts import Facts
from desktop_aml.ui.widgets.link_label import LinkLabel
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, IconButton, PrimaryButton, SecondaryLabel, Title

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 100
_SHORT_HASH: Final = 12
_WORDS_FROM: Final = 600
_METRICS_SHOWN: Final = 6
_Found = tuple[
    tuple[ModelVersion, ...],
    tuple[Endpoint, ...],
    dict[str, RunDetail],
    dict[str, int],
    dict[int, ModelSignature],
    Rules,
]


class ModelPage(QWidget):
    """A model by name, or one version of it by ``name:version``."""

    def __init__(self, workspace: Workspace, bridge: Bridge, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_page")
        self._workspace = workspace
        self._bridge = bridge
        self._name, _, self._wanted = key.partition(":")
        self.setWindowTitle(self._name)
        self._versions: dict[str, ModelVersion] = {}
        self._endpoints: tuple[Endpoint, ...] = ()
        self._runs: dict[str, RunDetail] = {}
        self._aliases: dict[str, int] = {}
        self._signatures: dict[int, ModelSignature] = {}
        self.rules = Rules()
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        self._undoable = Undoable(self, bridge, self._timer.start)
        bridge.listen(self._on_event_happened, ModelRegistered, ModelDeleted, EndpointChanged)
        self.refresh()

    def _build(self) -> None:
        self.heading = Title(self._name, self)
        self.subtitle = SecondaryLabel("", self)
        self.deploy_button = PrimaryButton(self.tr("Deploy"), self, icon="deploy")
        self.deploy_menu_button = QPushButton(self)
        self.deploy_menu_button.setFixedSize(theme.PRIMARY_HEIGHT, theme.PRIMARY_HEIGHT)
        self.deploy_menu_button.setAccessibleName(self.tr("More ways to deploy"))
        self.deploy_menu_button.setToolTip(self.tr("Deploy with a name, port or keys of your own"))
        self.deploy_menu = QMenu(self)
        self.deploy_menu.addAction(self.tr("Deploy with options…")).triggered.connect(self.open_deploy_dialog)
        icons.set_icon(self.deploy_menu_button, "chevron-down", "text")
        self.download_button = QPushButton(self.tr("Download…"), self)
        icons.set_icon(self.download_button, "download", "text")
        self.delete_button = QPushButton(self.tr("Delete version"), self)
        icons.set_icon(self.delete_button, "trash", "text")
        titles = (self.tr("Version"), self.tr("Created"), self.tr("Framework"), self.tr("Size"), self.tr("Served by"))
        self.versions = ListTable(titles, self.tr("Versions"), self, numbers=(3,), spare=(3, 2))
        for column, width in enumerate((0, 128, 160, 96, 176)):
            self.versions.setColumnWidth(column, width)
        file_titles = (self.tr("File"), self.tr("Size"), self.tr("sha256"))
        self.files = ListTable(file_titles, self.tr("Files"), self, numbers=(1,), spare=(2,))
        self.files.setColumnWidth(1, 96)
        self.files.setColumnWidth(2, 128)
        self.files.setToolTip(self.tr("Press Enter to copy the sha256"))
        self.differences = VersionTable(self)
        self.differences_heading = Heading(self.tr("What differs between the versions"), 2, self)
        self.edit_button = IconButton("edit", self.tr("Edit description, tags, aliases and rules"), self)
        self.editing = ModelEditing(self, self._workspace, self._bridge, self.current, self.aliases_of, self.refresh)
        self.editing.rules = lambda: self.rules
        self.edit_menu = self.editing.menu()
        self.edit_button.clicked.connect(
            lambda: self.edit_menu.popup(self.edit_button.mapToGlobal(self.edit_button.rect().bottomLeft()))
        )
        self.facts = Facts(self)
        self.missing = EmptyState("model", self.tr("This model is gone."), self.tr("Show all models"))
        self._lay_out()
        self._connect()
        self._let_act(False)

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_S)
        title.addWidget(self.heading)
        title.addStretch(1)
        for button in (self.delete_button, self.download_button, self.deploy_button):
            title.addWidget(button)
        ButtonWords(self, (self.delete_button, self.download_button), _WORDS_FROM)
        title.addSpacing(-theme.SPACE_XS)
        title.addWidget(self.deploy_menu_button)
        content = QWidget(self)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(title)
        # Over the whole width: beside the buttons a sentence is a narrow column.
        second = QHBoxLayout()
        second.setSpacing(theme.SPACE_S)
        second.addWidget(self.subtitle, 1)
        second.addWidget(self.edit_button)
        layout.addLayout(second)
        for text, widget in (
            (self.tr("Versions"), self.versions),
            (self.tr("Details"), self.facts),
            (self.tr("Files"), self.files),
        ):
            layout.addSpacing(theme.SPACE_S)
            layout.addWidget(Heading(text, 2, self))
            layout.addWidget(widget)
        layout.addSpacing(theme.SPACE_S)
        layout.addWidget(self.differences_heading)
        layout.addWidget(self.differences)
        layout.addStretch(1)
        self.body = QScrollArea(self)
        self.body.setWidgetResizable(True)
        self.body.setAccessibleName(self.tr("What is known of the model"))
        self.body.setWidget(content)
        content.setAutoFillBackground(False)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.body)
        self.stack.addWidget(self.missing)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.setFocusProxy(self.versions)

    def _connect(self) -> None:
        self.deploy_button.clicked.connect(self.deploy)
        self.deploy_menu_button.clicked.connect(self._on_deploy_menu_button_clicked)
        self.download_button.clicked.connect(self.choose_download_folder)
        self.delete_button.clicked.connect(self.delete_version)
        self.versions.chosen.connect(self._on_version_chosen)
        self.versions.delete_wanted.connect(lambda _: self.delete_version())
        self.versions.menu_wanted.connect(lambda _, at: self.version_menu().popup(at))
        self.files.open_wanted.connect(self._copy_hash)
        self.files.menu_wanted.connect(self._on_files_menu_wanted)
        self.missing.pressed.connect(lambda: self._bridge.go_to("models"))

    def refresh(self) -> None:
        """Read the model again."""

        def work() -> _Found:
            versions, runs = self._workspace.models.versions(self._name), {}
            for model in versions[:MOST]:
                # A run that was deleted leaves its id with the model, and nothing to compare.
                with contextlib.suppress(NotFound):
                    if model.run_id:
                        runs[model.run_id] = self._workspace.runs.get(model.run_id)
            endpoints = self._workspace.endpoints.list()
            aliases = self._workspace.models.aliases(self._name).get(self._name, {})
            signed = signatures(self._workspace, versions[:MOST], endpoints)
            return versions, endpoints, runs, aliases, signed, read_rules(self._workspace, self._name)

        self._reading.ask(work, self._on_read, self._on_read_failed)

    def turn_to(self, version: int) -> None:
        """Show another version."""
        if not self.versions.choose(str(version)):
            self._wanted = str(version)
            self.refresh()

    def current(self) -> ModelVersion | None:
        """Return the version that is shown."""
        return self._versions.get(self.versions.current_key())

    def aliases_of(self, model: ModelVersion) -> list[str]:
        """Return the aliases of a version."""
        return [alias for alias, version in self._aliases.items() if version == model.version]

    def deploy(self) -> None:
        """Serve the shown version at once: a name like the model's, any free port, no key."""
        model = self.current()
        if model is None:
            return
        name = endpoint_name(model.name, {endpoint.name for endpoint in self._endpoints})
        self.deploy_button.setEnabled(False)
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.endpoints.deploy(model.name, version=model.version, name=name),
            lambda endpoint: self._bridge.go_to("endpoint", endpoint.name),
            self._on_deploy_failed,
        )

    def open_deploy_dialog(self) -> None:
        """Ask for name, port and keys first."""
        model = self.current()
        if model is not None:
            DeployDialog(self._workspace, self._bridge, model, self).open()

    def choose_download_folder(self) -> None:
        """Ask where to copy the files of the shown version."""
        dialog = QFileDialog(self, self.tr("Download into folder"), str(Path.home()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.download)
        dialog.open()

    def download(self, folder: str) -> None:
        """Copy the files of the shown version into a folder."""
        model = self.current()
        if model is not None:
            work = partial(self._workspace.models.download, model.name, model.version, Path(folder))
            said = self.tr("Copied {0} into {1}.").format(model.label, folder)
            call_for(self, self._bridge, work, lambda _: self._bridge.tell(said, "success"))

    def delete_version(self) -> None:
        """Put the shown version into the trash; refused while an endpoint serves it."""
        model = self.current()
        if model is None:
            return
        users = self._served_by(model)
        if users:
            text = self.tr("{0} is served by the endpoint “{1}”.").format(model.label, users[0])
            self._bridge.tell(text, "warning", self.tr("Delete the endpoint first."))
            return
        models, name, version = self._workspace.models, model.name, model.version
        words = self.tr("{0} in the trash.").format(model.label)
        self._undoable.do(lambda: models.delete(name, version), lambda _: models.restore(name, version), words)

    def version_menu(self) -> RowMenu:
        """Return the menu of the shown version."""
        model, menu = self.current(), RowMenu(self)
        if model is not None:
            menu.entry("deploy", self.tr("Deploy"), self.deploy)
            menu.entry("deploy", self.tr("Deploy with options…"), self.open_deploy_dialog)
            menu.entry("download", self.tr("Download…"), self.choose_download_folder)
            menu.entry("copy", self.tr("Copy name"), lambda: QGuiApplication.clipboard().setText(model.label))
            menu.addSeparator()
            menu.entry("trash", self.tr("Delete version"), self.delete_version, shortcut="Del")
        return menu

    def _on_read(self, found: _Found) -> None:
        versions, self._endpoints, self._runs, self._aliases, self._signatures, self.rules = found
        if not versions:
            self.stack.setCurrentWidget(self.missing)
            return
        self.stack.setCurrentWidget(self.body)
        self._versions = {str(model.version): model for model in versions}
        self.versions.fill((key, self._cells(model)) for key, model in self._versions.items())
        self.versions.fit_height(6)
        wanted = self._wanted if self._wanted in self._versions else ""
        if wanted or not self.versions.current_key():
            self.versions.choose(wanted or next(iter(self._versions)))
        if wanted:
            # Once: what a person chooses after that stays.
            self._wanted = ""
        # What is shown of the version may have changed without another one being chosen.
        if (model := self.current()) is not None:
            self._show_details(model)
        has_differences = self.differences.show_versions(versions, self._runs)
        self.differences_heading.setVisible(has_differences)

    def _on_read_failed(self, error: DesktopAMLError) -> None:
        self.missing.set_text(error.message)
        self.stack.setCurrentWidget(self.missing)

    def _on_deploy_failed(self, error: DesktopAMLError) -> None:
        self.deploy_button.setEnabled(True)
        self._bridge.tell_error(error)

    def _cells(self, model: ModelVersion) -> tuple[Cell, ...]:
        users = ", ".join(self._served_by(model))
        return (
            Cell(" · ".join((self.tr("Version {0}").format(model.version), *self.aliases_of(model))), model.version),
            Cell(formats.relative_time(model.created_at), model.created_at, formats.exact_time(model.created_at)),
            Cell(f"{model.framework} {model.framework_version}".strip() or formats.NOTHING),
            Cell(formats.size(model.size_bytes), model.size_bytes),
            Cell(users or formats.NOTHING, users),
        )

    def _served_by(self, model: ModelVersion) -> list[str]:
        served = (model.name, model.version)
        return [e.name for e in self._endpoints if (e.model_name, e.model_version) == served]

    def _on_version_chosen(self, key: str) -> None:
        model = self._versions.get(key)
        self._let_act(model is not None)
        if model is not None:
            self._show_details(model)

    def _let_act(self, can: bool) -> None:
        deploying = (self.deploy_button, self.deploy_menu_button)
        for button in (*deploying, self.download_button, self.delete_button, self.edit_button):
            button.setEnabled(can)

    def _show_details(self, model: ModelVersion) -> None:
        self.subtitle.setText(model.description or self.tr("No description"))
        facts = self.facts
        facts.clear()
        facts.add(self.tr("Framework"), f"{model.framework} {model.framework_version}".strip() or formats.NOTHING)
        if model.run_id:
            run = self._runs.get(model.run_id)
            link = LinkLabel(run.summary.display_name if run is not None else model.run_id, self)
            link.setToolTip(model.run_id)
            link.clicked.connect(lambda: self._bridge.go_to("run", model.run_id))
            facts.add(self.tr("From run"), link)
        facts.add(self.tr("Metrics of its run"), self._metrics(model), wraps=True)
        facts.add(self.tr("Aliases"), ", ".join(self.aliases_of(model)))
        for title, words in self.rules.rows(model.version):
            facts.add(title, words, wraps=True)
        signature = self._signatures.get(model.version, ModelSignature())
        facts.add(self.tr("Takes"), column_words(signature.inputs), wraps=True)
        facts.add(self.tr("Gives"), column_words(signature.outputs), wraps=True)
        facts.add(self.tr("Path"), model.path)
        facts.add(self.tr("Environment"), environment_text(model.environment) or formats.NOTHING)
        facts.add(self.tr("Resources"), self._resources(model))
        facts.add(self.tr("Tags"), pairs(model.tags) or formats.NOTHING, wraps=True)
        facts.add(self.tr("Properties"), pairs(model.properties), wraps=True)
        facts.add(self.tr("Registered"), formats.exact_time(model.created_at))
        self.files.fill((file.path, _file_cells(file.path, file.size_bytes, file.sha256)) for file in model.files)
        self.files.fit_height()

    def _metrics(self, model: ModelVersion) -> str:
        run = self._runs.get(model.run_id)
        values = run.summary.summary[:_METRICS_SHOWN] if run is not None else ()
        return ", ".join(f"{name} {formats.number4(value)}" for name, value in values)

    def _resources(self, model: ModelVersion) -> str:
        cpu, memory = model.resources.cpu, model.resources.memory_in_gb
        parts = [(self.tr("1 core") if cpu == 1 else self.tr("{0} cores").format(f"{cpu:g}"))] if cpu else []
        parts += [self.tr("{0} GB of memory").format(f"{memory:g}")] if memory else []
        return ", ".join(parts) or self.tr("No limit")

    def _copy_hash(self, path: str) -> None:
        model = self.current()
        file = next((file for file in model.files if file.path == path), None) if model else None
        if file is not None:
            QGuiApplication.clipboard().setText(file.sha256)
            self._bridge.tell(self.tr("Copied the sha256 of {0}.").format(file.path))

    def _on_files_menu_wanted(self, path: str, at: QPoint) -> None:
        menu = RowMenu(self)
        menu.entry("copy", self.tr("Copy sha256"), lambda: self._copy_hash(path))
        menu.popup(at)

    def _on_deploy_menu_button_clicked(self) -> None:
        self.deploy_menu.popup(self.deploy_menu_button.mapToGlobal(self.deploy_menu_button.rect().bottomLeft()))

    def _on_event_happened(self, event: ModelRegistered | ModelDeleted | EndpointChanged) -> None:
        if isinstance(event, EndpointChanged) or event.name == self._name:
            self._timer.start()


def _file_cells(path: str, size_bytes: int, sha256: str) -> tuple[Cell, ...]:
    return (
        Cell(path),
        Cell(formats.size(size_bytes), size_bytes),
        Cell(sha256[:_SHORT_HASH], sha256, sha256),
    )
