"""The page of all registered models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.events import ModelDeleted, ModelRegistered
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.models.deploy_dialog import DeployDialog
from desktop_aml.ui.models.register_dialog import RegisterDialog
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.session.undoable import Undoable
from desktop_aml.ui.widgets.confirm import confirm
from desktop_aml.ui.widgets.list_table import Cell, ListTable, SearchedTable
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 100
_NAMED: Final = 3
_Found = tuple[tuple[ModelVersion, ...], dict[str, dict[str, int]], tuple[ModelVersion, ...]]
"""The newest versions, the aliases by model, and what is in the trash."""


@dataclass(slots=True)
class _Trust:
    """Whether the user was told in this session that a model file runs code."""

    given: bool = False


_trust = _Trust()


class ModelRegistry(QWidget):
    """Every model with its newest version; import of model files from elsewhere."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_registry")
        self.setWindowTitle(self.tr("Models"))
        self._workspace = workspace
        self._bridge = bridge
        self._models: dict[str, ModelVersion] = {}
        self._aliases: dict[str, dict[str, int]] = {}
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        self._undoable = Undoable(self, bridge, self._timer.start)
        bridge.listen(self._on_event_happened, ModelRegistered, ModelDeleted)
        self.refresh()

    def _build(self) -> None:
        self.count_label = SecondaryLabel("", self)
        self.count_label.setWordWrap(False)
        self.count_label.setContentsMargins(0, 0, 0, theme.SPACE_XS)
        self.import_button = QPushButton(self.tr("Import model file…"), self)
        icons.set_icon(self.import_button, "upload", "text")
        self.trash_menu = QMenu(self)
        self.trash_button = QPushButton(self.tr("Trash"), self)
        self.trash_button.setMenu(self.trash_menu)
        self.trash_button.hide()
        icons.set_icon(self.trash_button, "history", "text")
        titles = (
            self.tr("Name"),
            self.tr("Version"),
            self.tr("Aliases"),
            self.tr("Framework"),
            self.tr("Created"),
            self.tr("From run"),
            self.tr("Size"),
        )
        self.table = ListTable(titles, self.tr("Models"), self, numbers=(1, 6), spare=(6, 5, 3, 4))
        for column, width in enumerate((0, 72, 120, 136, 96, 160, 80)):
            self.table.setColumnWidth(column, width)
        text = self.tr("No models yet. Register one from a run that has ended, or import a file.")
        self.empty = EmptyState("model", text, self.tr("Import model file…"))
        nothing = self.tr("No model matches.")
        self.stack = SearchedTable(self.table, self.tr("Search models"), nothing, self.empty, self)
        self.search = self.stack.search
        self.search.setMaximumWidth(320)
        leading = self.search.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        icons.set_icon(leading, "search", "secondary")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_M)
        title.addWidget(Heading(self.tr("Models"), 1, self))
        title.addWidget(self.count_label, 1, Qt.AlignmentFlag.AlignBottom)
        title.addWidget(self.search, 1)
        title.addWidget(self.trash_button)
        title.addWidget(self.import_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_M)
        layout.addLayout(title)
        layout.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.stack.matched.connect(self._on_stack_matched)
        self.import_button.clicked.connect(self.import_model)
        self.empty.pressed.connect(self.import_model)
        self.table.open_wanted.connect(lambda name: self._bridge.go_to("model", name))
        self.table.menu_wanted.connect(self._show_menu)
        self.setFocusProxy(self.table)

    def find_in_page(self) -> bool:
        """Give the keyboard to the search."""
        return self.stack.find_in_page()

    def refresh(self) -> None:
        """Read the models again."""
        models = self._workspace.models
        self._reading.ask(lambda: (models.list(), models.aliases(), models.trash()), self._on_models_read)

    def import_model(self) -> None:
        """Ask once whether the file is trusted, then for the file."""
        if _trust.given:
            self._ask_for_file()
            return
        confirm(
            self,
            self.tr("Import a model file?"),
            self.tr(
                "Loading a model file runs code that is inside it. Import only files from people you trust. "
                "The file is loaded when the model is served, in a process of its own."
            ),
            self.tr("Choose a file…"),
            self._on_trust_given,
            danger=False,
        )

    def import_file(self, path: str) -> None:
        """Register a file from this computer; the dialog asks for the rest."""
        RegisterDialog(self._workspace, self._bridge, file=path, parent=self).open()

    def _on_trust_given(self) -> None:
        _trust.given = True
        self._ask_for_file()

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Import model file"), str(Path.home()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        kinds = "(*.joblib *.pkl *.pickle *.sav *.skops *.onnx)"
        dialog.setNameFilters([f"{self.tr('Model files')} {kinds}", f"{self.tr('All files')} (*)"])
        dialog.fileSelected.connect(self.import_file)
        dialog.open()

    def _on_models_read(self, found: _Found) -> None:
        models, self._aliases, trash = found
        self._show_trash(trash)
        self._models = {model.name: model for model in models}
        self.table.fill((model.name, self._cells(model)) for model in models)
        self.stack.show_matching()

    def _show_trash(self, found: tuple[ModelVersion, ...]) -> None:
        self.trash_button.setVisible(bool(found))
        self.trash_menu.clear()
        for model in found:
            words = self.tr("Restore {0}").format(model.label)
            self.trash_menu.addAction(words, partial(self._restore, model.name, model.version))
        self.trash_menu.addSeparator()
        self.trash_menu.addAction(self.tr("Empty the trash…"), partial(self._empty_trash, found))

    def _restore(self, name: str, version: int) -> None:
        models, words = self._workspace.models, self.tr("{0}:{1} restored.").format(name, version)
        self._undoable.do(lambda: models.restore(name, version), lambda _: models.delete(name, version), words)

    def _empty_trash(self, found: tuple[ModelVersion, ...]) -> None:
        """Ask, then remove for good what the menu showed."""

        def remove() -> None:
            for model in found:
                self._workspace.models.delete(model.name, model.version, forever=True)

        confirm(
            self,
            self.tr("Remove {0} for good?").format(", ".join(model.label for model in found[:_NAMED])),
            self.tr("{0} versions of models are in the trash. Runs keep their own files.").format(len(found)),
            self.tr("Remove"),
            lambda: call_for(self, self._bridge, remove),
        )

    def _cells(self, model: ModelVersion) -> tuple[Cell, ...]:
        framework = f"{model.framework} {model.framework_version}".strip() or formats.NOTHING
        known = self._aliases.get(model.name, {})
        # Which version each means matters where it is not the one of the row.
        aliases = ", ".join(alias if of == model.version else f"{alias} (v{of})" for alias, of in known.items())
        return (
            Cell(model.name, tip=model.description or model.name),
            Cell(str(model.version), model.version),
            Cell(aliases or formats.NOTHING, aliases, tip=aliases),
            Cell(framework),
            Cell(formats.relative_time(model.created_at), model.created_at, formats.exact_time(model.created_at)),
            Cell(model.run_id or self.tr("Imported"), model.run_id),
            Cell(formats.size(model.size_bytes), model.size_bytes),
        )

    def _on_stack_matched(self, left: int) -> None:
        shown, total = formats.count(left), formats.count(len(self._models))
        self.count_label.setText(shown if shown == total else self.tr("{0} of {1}").format(shown, total))
        self.count_label.setVisible(bool(self._models))
        self.search.setVisible(bool(self._models))
        self.import_button.setVisible(bool(self._models))

    def _show_menu(self, name: str, at: QPoint) -> None:
        self.menu(name).popup(at)

    def menu(self, name: str) -> RowMenu:
        """Return the menu of a model."""
        model, go = self._models[name], self._bridge.go_to
        menu = RowMenu(self)
        menu.entry("external", self.tr("Open"), lambda: go("model", name))
        menu.entry("run", self.tr("Open its run"), lambda: go("run", model.run_id), enabled=bool(model.run_id))
        menu.addSeparator()
        menu.entry("deploy", self.tr("Deploy…"), lambda: self._deploy(model))
        menu.entry("copy", self.tr("Copy name"), lambda: QGuiApplication.clipboard().setText(model.label))
        return menu

    def _deploy(self, model: ModelVersion) -> None:
        DeployDialog(self._workspace, self._bridge, model, self).open()

    def _on_event_happened(self, _event: ModelRegistered | ModelDeleted) -> None:
        self._timer.start()
