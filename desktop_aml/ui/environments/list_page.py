"""The page of all environments."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.environment_space import BuildUse
from desktop_aml.domain.environments import PROJECT_FILES, BuildPlace, BuildState, EnvironmentSummary
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import BuildProgressed, EnvironmentOrganised, EnvironmentRegistered
from desktop_aml.ui.environments import kinds as kinds
from desktop_aml.ui.environments.acts import EnvironmentActs
from desktop_aml.ui.environments.clean_up_dialog import CleanUpDialog
from desktop_aml.ui.environments.clone_dialog import CloneDialog
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.widgets.button_words import ButtonWords
from desktop_aml.ui.widgets.list_table import Cell, ListTable, SearchedTable
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel, state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.environment.organising import DeletedEnvironment

_REFRESH_MS: Final = 200
_WORDS_FROM: Final = 680
_SEARCH_WIDTH: Final = 140
_IMAGE: Final = 6
"""The column of the images of Docker."""


class EnvironmentsPage(QWidget):
    """Every environment with its newest version and the state of its build."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("environments_page")
        self.setWindowTitle(self.tr("Environments"))
        self._workspace = workspace
        self._bridge = bridge
        self._found: tuple[EnvironmentSummary, ...] = ()
        self._image_bytes: dict[str, int] = {}
        self._is_docker_known = False
        self.new_button = QPushButton(self.tr("New environment…"), self)
        icons.set_icon(self.new_button, "plus", "text")
        self.new_button.clicked.connect(self._on_new_wanted)
        self.import_button = QPushButton(self.tr("Import…"), self)
        self.import_button.setToolTip(self.tr("Register a conda YAML or requirements file"))
        icons.set_icon(self.import_button, "folder-open", "text")
        self.import_button.clicked.connect(self.choose_file)
        self.clean_button = QPushButton(self.tr("Clean up…"), self)
        self.clean_button.setToolTip(self.tr("See what environments take of the disk, and remove those nobody needs"))
        icons.set_icon(self.clean_button, "trash", "text")
        self.clean_button.clicked.connect(self.clean_up)
        titles = (self.tr("Name"), self.tr("Version"), self.tr("From"), self.tr("State"), self.tr("Python"))
        self.acts = EnvironmentActs(self, workspace, bridge, self.refresh)
        self.trash_menu = QMenu(self)
        self.trash_button = QPushButton(self.tr("Trash"), self)
        self.trash_button.setMenu(self.trash_menu)
        self.trash_button.hide()
        icons.set_icon(self.trash_button, "history", "text")
        spaces = (self.tr("Disk"), self.tr("Image"))
        self.table = ListTable(
            (*titles, *spaces), self.tr("Environments"), self, numbers=(1, 5, _IMAGE), spare=(4, 2, _IMAGE)
        )
        for column, width in enumerate((0, 64, 96, 104, 72, 76, 76)):
            self.table.setColumnWidth(column, width)
        self.table.setColumnHidden(_IMAGE, True)
        self.setFocusProxy(self.table)
        self.table.open_wanted.connect(lambda name: bridge.go_to("environment", name))
        self.table.menu_wanted.connect(self._show_menu)
        nothing = self.tr("No environment matches.")
        self.stack = SearchedTable(self.table, self.tr("Search environments"), nothing, parent=self)
        self.stack.search.setPlaceholderText(self.tr("Search"))
        self.stack.search.setMaximumWidth(_SEARCH_WIDTH)
        self._lay_out()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._reading = LatestReading(self, bridge)
        self._reading_trash = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, EnvironmentRegistered, EnvironmentOrganised, BuildProgressed)
        self.refresh()
        self.look_for_images()

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.addWidget(Heading(self.tr("Environments"), 1, self))
        title.addStretch(1)
        title.addWidget(self.stack.search)
        title.addWidget(self.trash_button)
        title.addWidget(self.clean_button)
        title.addWidget(self.import_button)
        title.addWidget(self.new_button)
        buttons = (self.trash_button, self.clean_button, self.import_button, self.new_button)
        ButtonWords(self, buttons, _WORDS_FROM)
        hint = SecondaryLabel(
            self.tr(
                "Curated ones come with the program and are built at their first use; clone one to change it. “This"
                " computer's Python” needs no build, but is not reproducible."
            ),
            self,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(title)
        layout.addWidget(hint)
        layout.addWidget(self.stack, 1)

    def refresh(self) -> None:
        """Read the environments again."""
        self._reading.ask(self._workspace.environments.list, self._show)
        self._reading_trash.ask(self._workspace.environments.organise.trash, self._show_trash)

    def look_for_images(self) -> None:
        """Ask Docker again for its images; on its own, since a slow engine must not hold the list back."""
        call_for(self, self._bridge, self._workspace.environments.builds.images, self._show_images, self._hide_images)

    def _show(self, found: tuple[EnvironmentSummary, ...]) -> None:
        self._found = found
        self.table.setColumnHidden(_IMAGE, not any(one.label in self._image_bytes for one in found))
        self.table.fill((one.name, self._cells(one)) for one in found)
        self.stack.show_matching()

    def _show_trash(self, found: tuple[DeletedEnvironment, ...]) -> None:
        names = sorted({one.name for one in found})
        self.trash_button.setVisible(bool(names))
        self.trash_menu.clear()
        for name in names:
            self.trash_menu.addAction(self.tr("Restore “{0}”").format(name), partial(self.acts.restore, name))

    def find_in_page(self) -> bool:
        """Give the keyboard to the search."""
        return self.stack.find_in_page()

    def _show_images(self, found: tuple[tuple[BuildUse, ...], str]) -> None:
        held = {label: image.size_bytes for image in found[0] for label in image.environments}
        is_known = not found[1]
        if (held, is_known) != (self._image_bytes, self._is_docker_known):
            self._image_bytes, self._is_docker_known = held, is_known
            self._show(self._found)

    def _hide_images(self, _error: DesktopAMLError) -> None:
        # Whoever builds an image or uses one is told.
        self._show_images(((), "?"))

    def _cells(self, one: EnvironmentSummary) -> tuple[Cell, ...]:
        return (
            Cell(one.name),
            Cell(str(one.version), one.version),
            self._origin(one),
            self._state(one),
            Cell(one.python_version or formats.NOTHING),
            Cell(formats.size(one.size_bytes), one.size_bytes or 0),
            self._image(one),
        )

    def _state(self, one: EnvironmentSummary) -> Cell:
        state = one.state
        if state in (BuildState.NOT_BUILT, BuildState.IMAGE) and self._is_docker_known:
            # Docker knows better than what was written down: others build images, and remove them.
            state = BuildState.IMAGE if one.label in self._image_bytes else BuildState.NOT_BUILT
        return Cell(state_word(state), icon=icons.state_icon(state))

    def _image(self, one: EnvironmentSummary) -> Cell:
        size_bytes = self._image_bytes.get(one.label)
        if size_bytes is None:
            return Cell(formats.NOTHING, 0)
        return Cell(formats.size(size_bytes), size_bytes, self.tr("What it takes beside the image that it is built on"))

    def _origin(self, one: EnvironmentSummary) -> Cell:
        if one.curated:
            return Cell(self.tr("Curated"), tip=self.tr("Ships with Desktop AML. Clone it to change it."))
        return Cell(kinds.word_of(one.kind))

    def choose_file(self) -> None:
        """Ask for a specification's file and register it."""
        chooser = QFileDialog(self, self.tr("Import an environment"), str(Path.home()))
        chooser.setObjectName("import_environment_dialog")
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        endings = " ".join(("*.yml", "*.yaml", "*.txt", "*.in", "Dockerfile*", "pylock.*.toml", *PROJECT_FILES))
        chooser.setNameFilters([self.tr("Specifications ({0})").format(endings), self.tr("All files (*)")])
        chooser.fileSelected.connect(lambda path: self._bridge.go_to("import_environment", path))
        chooser.open()

    def clean_up(self) -> None:
        """Show what may go, before it goes."""
        dialog = CleanUpDialog(self._workspace, self._bridge, self)
        dialog.cleaned.connect(self.refresh)
        dialog.cleaned.connect(self.look_for_images)
        dialog.open()

    def _show_menu(self, name: str, at: QPoint) -> None:
        self.menu(name).popup(at)

    def menu(self, name: str) -> RowMenu:
        """Return what can be done with an environment."""
        menu = RowMenu(self)
        menu.entry("external", self.tr("Open"), lambda: self._bridge.go_to("environment", name))
        menu.entry("script", self.tr("Use in the script runner"), lambda: self._bridge.go_to("use_environment", name))
        menu.entry(
            "run",
            self.tr("Build"),
            lambda: call_for(self, self._bridge, lambda: self._workspace.environments.build(name)),
        )
        menu.entry(
            "container",
            self.tr("Build a Docker image"),
            lambda: call_for(
                self, self._bridge, lambda: self._workspace.environments.build(name, builder=BuildPlace.IMAGE)
            ),
        )
        menu.entry("copy", self.tr("Clone…"), lambda: self._clone(name))
        for one in self._found:
            if one.name == name:
                self.acts.fill_menu(menu, one)
        return menu

    def _clone(self, name: str) -> None:
        CloneDialog(self._workspace, self._bridge, name, parent=self).open()

    def _on_new_wanted(self) -> None:
        self._bridge.go_to("environment", "")

    def _on_event_happened(self, event: object) -> None:
        if not self._timer.isActive():
            self._timer.start()
        if isinstance(event, BuildProgressed) and event.state is not BuildState.BUILDING:
            self.look_for_images()
