"""The page of one dataset: its versions, its files, what its columns hold, what changed, which runs used it."""

from __future__ import annotations

from dataclasses import dataclass
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion
from desktop_aml.domain.errors import DesktopAMLError, NotFound
from desktop_aml.domain.events import DatasetChanged
from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.datasets.columns import ColumnChangesTable, ColumnsTable
from desktop_aml.ui.datasets.list_page import kind_words
from desktop_aml.ui.datasets.register_dialog import RegisterDataDialog
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.viewers.preview import Loaded, Preview, load
from desktop_aml.ui.widgets.button_words import ButtonWords
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.confirm import confirm
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.facts import Facts
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import SecondaryLabel, Title, state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.dataset.differences import DatasetDifference
    from desktop_aml.workspace.dataset.profiling import TableProfile


_FIRST_FILES: Final = 3
_WORDS_FROM: Final = 600


@dataclass(frozen=True, slots=True)
class _Read:
    versions: tuple[DatasetVersion, ...]
    shown: DatasetVersion
    users: tuple[RunSummary, ...]


class DatasetPage(QWidget):
    """Shows the version that is chosen, the newest at first; hashes and columns are read when they are looked at."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_page")
        self._workspace, self._bridge = workspace, bridge
        self._name, _, wanted = name.partition(":")
        self._version = int(wanted) if wanted.isdecimal() else 0
        self._shown: DatasetVersion | None = None
        self._profiled = self._compared = ""
        self.setWindowTitle(self._name)
        self._is_whole = False
        self._reading = LatestReading(self, bridge)
        fills = (self._fill_files, self._fill_columns, self._fill_changes, self._fill_users)
        in_turns(self, bridge, [self._build, *fills, self._begin])

    def _begin(self) -> None:
        self._is_whole = True
        self.tabs.currentChanged.connect(lambda _: self._look_closer())
        self._bridge.listen(self._on_event_happened, DatasetChanged, of=self._name)
        self.refresh()

    def _build(self) -> None:
        self.version = ChoiceField(self)
        self.version.setAccessibleName(self.tr("Version"))
        self.version.activated.connect(self._on_version_activated)
        self.add_button = QPushButton(self.tr("New version…"), self)
        icons.set_icon(self.add_button, "plus", "text")
        self.add_button.clicked.connect(self._add_version)
        self.delete_button = QPushButton(self.tr("Forget…"), self)
        icons.set_icon(self.delete_button, "trash", "text")
        self.delete_button.clicked.connect(self.ask_to_forget)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_S)
        head.addWidget(Title(self._name, self), 1)
        for widget in (self.version, self.add_button, self.delete_button):
            head.addWidget(widget)
        ButtonWords(self, (self.add_button, self.delete_button), _WORDS_FROM)
        self.error = ErrorLine(self)
        self.facts = Facts(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(head)
        layout.addWidget(self.error)
        layout.addWidget(self.facts)
        self.tabs = QTabWidget(self)
        layout.addWidget(self.tabs, 1)
        self.tabs.setAccessibleName(self.tr("Parts of the dataset"))
        self.tabs.setDocumentMode(True)
        self.setFocusProxy(self.tabs.tabBar())
        # Each has its place from the first turn on, and is filled in one of its own. From the outside in: to put what
        # is full into something else has each widget in it styled once more.
        self._places: list[tuple[QWidget, QVBoxLayout]] = []
        for title in (self.tr("Files"), self.tr("Columns"), self.tr("Changes"), self.tr("Used by")):
            whole = QWidget(self.tabs)
            column = QVBoxLayout(whole)
            column.setContentsMargins(0, theme.SPACE_S if self._places else 0, 0, 0)
            column.setSpacing(theme.SPACE_S)
            self.tabs.addTab(whole, title)
            self._places.append((whole, column))

    def _fill_files(self) -> None:
        whole, place = self._places[0]
        both = KeyedSplitter(Qt.Orientation.Vertical, whole)
        place.addWidget(both)
        titles = (self.tr("File"), self.tr("Size"), self.tr("SHA-256"), self.tr("Now"))
        self.files = ListTable(titles, self.tr("Files"), both, numbers=(1,), spare=(2,))
        for column, width in enumerate((0, 88, 128, 120)):
            self.files.setColumnWidth(column, width)
        self.files.chosen.connect(self._show_file)
        self.files.open_wanted.connect(lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(path)))
        self.preview = Preview(both)
        self.preview.page_wanted.connect(self._load)
        both.addWidget(self.files)
        both.addWidget(self.preview)
        both.setSizes([140, 300])
        both.setChildrenCollapsible(False)

    def _fill_columns(self) -> None:
        whole, column = self._places[1]
        self.column_words = SecondaryLabel("", whole)
        self.columns = ColumnsTable(whole)
        column.addWidget(self.column_words)
        column.addWidget(self.columns, 1)
        column.addStretch(0)

    def _fill_changes(self) -> None:
        whole, column = self._places[2]
        self.before = ChoiceField(whole)
        self.before.setAccessibleName(self.tr("Version to compare with"))
        self.before.activated.connect(lambda _: self._compare())
        self.change_words = SecondaryLabel("", whole)
        self.changes = ColumnChangesTable(whole)
        row = QHBoxLayout()
        row.addWidget(self.before)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.change_words)
        column.addWidget(self.changes, 1)
        column.addStretch(0)

    def _fill_users(self) -> None:
        whole, column = self._places[3]
        titles = (self.tr("Run"), self.tr("State"), self.tr("Experiment"), self.tr("Created"))
        self.user_words = SecondaryLabel("", whole)
        self.users = ListTable(titles, self.tr("Runs that used it"), whole, spare=(3, 2))
        for place, width in enumerate((0, 112, 160, 120)):
            self.users.setColumnWidth(place, width)
        self.users.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        column.addWidget(self.user_words)
        column.addWidget(self.users, 1)
        column.addStretch(0)

    # Reading.

    def turn_to(self, version: int) -> None:
        """Show another version."""
        self._version = version
        self.refresh()

    def refresh(self) -> None:
        """Read the dataset again; once all that shows it is there."""
        if self._is_whole:
            self._reading.ask(self._read, self._show, self.error.show_error)

    def _read(self) -> _Read:
        datasets = self._workspace.datasets
        versions = datasets.versions(self._name)
        shown = datasets.get(self._name, self._version)
        users = []
        for run_id in datasets.used_by(shown):
            try:
                users.append(self._workspace.runs.get(run_id).summary)
            except NotFound:
                # It was deleted; what it used is remembered a while longer.
                continue
        return _Read(versions, shown, tuple(users))

    def _show(self, read: _Read) -> None:
        shown = self._shown = read.shown
        self.error.show_text("")
        numbers = [one.version for one in read.versions]
        self.version.set_choices((self.tr("Version {0}").format(number), number) for number in numbers)
        self.version.set_value(shown.version)
        others = [number for number in numbers if number != shown.version]
        self.before.set_choices((self.tr("Compared with version {0}").format(number), number) for number in others)
        if others:
            self.before.set_value(next((number for number in others if number < shown.version), others[0]))
        self.before.setVisible(bool(others))
        self._show_facts(shown)
        self._show_files(shown, None)
        self.users.fill((run.id, _run_cells(run)) for run in read.users)
        self.user_words.setText("" if read.users else self.tr("No run used this version yet."))
        self.user_words.setVisible(not read.users)
        self.users.setVisible(bool(read.users))
        self._profiled = self._compared = ""
        self._look_closer()
        datasets = self._workspace.datasets
        call_for(
            self,
            self._bridge,
            lambda: (shown, frozenset(file.path for file in datasets.changed_files(shown))),
            self._show_changed,
        )

    def _show_facts(self, shown: DatasetVersion) -> None:
        self.facts.clear()
        self.facts.add(self.tr("Kind"), kind_words(shown.kind))
        size = self.tr("{0}, {1}").format(formats.files(len(shown.files)), formats.size(shown.size_bytes))
        self.facts.add(self.tr("Size"), size)
        self.facts.add(self.tr("From"), _origin(shown))
        self.facts.add(self.tr("Registered"), formats.relative_time(shown.created_at))
        self.facts.add(self.tr("Description"), shown.description, wraps=True)
        self.facts.add(self.tr("Tags"), ", ".join(f"{key}={value}" for key, value in shown.tags.items()), wraps=True)

    def _show_changed(self, found: tuple[DatasetVersion, frozenset[str]]) -> None:
        shown, changed = found
        if shown is self._shown:
            self._show_files(shown, changed)

    def _show_files(self, shown: DatasetVersion, changed: frozenset[str] | None) -> None:
        def now(path: str) -> str:
            if changed is None:
                return self.tr("Looking…")
            return self.tr("Changed or gone") if path in changed else self.tr("As it was")

        self.files.fill(
            (
                file.path,
                (
                    Cell(Path(file.path).name, file.path, file.path),
                    Cell(formats.size(file.size_bytes), file.size_bytes),
                    Cell(file.sha256[:16], file.sha256, file.sha256),
                    Cell(now(file.path)),
                ),
            )
            for file in shown.files
        )
        # In a low window the first files are seen whole, whatever the preview would like.
        rows = min(_FIRST_FILES, len(shown.files))
        self.files.setMinimumHeight(self.files.header().sizeHint().height() + rows * theme.ROW_HEIGHT + theme.SPACE_XS)
        if shown.files and not self.files.current_key():
            self.files.choose(shown.files[0].path)

    def _show_file(self, path: str) -> None:
        if path and not self.preview.is_awaiting(path):
            self.preview.begin(path)
            self._load(path, 0, None)

    def _load(self, path: str, first: int, total: int | None) -> None:
        def show(loaded: Loaded) -> None:
            if self.preview.is_awaiting(loaded.name):
                self.preview.show_loaded(loaded)

        call_for(self, self._bridge, lambda: load(Path(path), path, first, total), show)

    def _look_closer(self) -> None:
        """Read what the tab in front needs: columns are read from the data, and that may take long."""
        shown = self._shown
        if shown is None:
            return
        if self.tabs.currentIndex() == 1 and self._profiled != shown.label:
            self._profiled = shown.label
            if shown.kind is not DatasetKind.TABULAR:
                self._say_of_columns(self.tr("This dataset is files, not a table."))
                return
            self._say_of_columns(self.tr("Reading the data…"))
            datasets = self._workspace.datasets
            call_for(
                self, self._bridge, lambda: (shown, datasets.profile(shown)), self._show_profile, self._on_no_columns
            )
        elif self.tabs.currentIndex() == 2 and self._compared != shown.label:
            self._compared = shown.label
            self._compare()

    def _say_of_columns(self, words: str) -> None:
        self.columns.hide()
        self.column_words.setText(words)

    def _on_no_columns(self, error: DesktopAMLError) -> None:
        self._say_of_columns(f"{error.message} {error.hint}".strip())

    def _show_profile(self, found: tuple[DatasetVersion, TableProfile]) -> None:
        shown, table = found
        if shown is not self._shown:
            return
        words = self.tr("{0} rows, {1} columns") if table.is_whole else self.tr("The first {0} rows, {1} columns")
        self.column_words.setText(words.format(formats.count(table.rows), formats.count(len(table.columns))))
        self.columns.show_profile(table)
        self.columns.show()

    def _compare(self) -> None:
        shown, number = self._shown, self.before.value()
        self.changes.hide()
        if shown is None or not isinstance(number, int):
            self.change_words.setText(self.tr("There is only one version."))
            return
        self.change_words.setText(self.tr("Reading both versions…"))
        datasets, name = self._workspace.datasets, self._name

        def read() -> tuple[DatasetVersion, int, DatasetDifference]:
            return shown, number, datasets.diff(datasets.get(name, number), shown)

        call_for(self, self._bridge, read, self._show_difference, self._on_no_difference)

    def _on_no_difference(self, error: DesktopAMLError) -> None:
        self.change_words.setText(f"{error.message} {error.hint}".strip())

    def _show_difference(self, found: tuple[DatasetVersion, int, DatasetDifference]) -> None:
        shown, number, difference = found
        if shown is not self._shown or number != self.before.value():
            return
        lines = [
            words.format(formats.files(len(paths)), ", ".join(paths[:5]) + ("…" if len(paths) > 5 else ""))
            for words, paths in (
                (self.tr("Added, {0}: {1}"), difference.added),
                (self.tr("Removed, {0}: {1}"), difference.removed),
                (self.tr("Changed, {0}: {1}"), difference.changed),
            )
            if paths
        ]
        if not difference.differs():
            lines.append(self.tr("They hold the same files with the same bytes."))
        if difference.rows is not None:
            lines.append(self.tr("Rows: {0} before, {1} after").format(*map(formats.count, difference.rows)))
        if difference.why_no_columns:
            lines.append(self.tr("Columns are not compared. {0}").format(difference.why_no_columns))
        self.change_words.setText("\n".join(lines))
        self.changes.show_changes(difference.columns)
        self.changes.setVisible(bool(difference.columns))

    # Acts.

    def _on_version_activated(self, _index: int) -> None:
        chosen = self.version.value()
        if isinstance(chosen, int):
            self._version = chosen
            self.refresh()

    def _add_version(self) -> None:
        paths = [Path(file.path) for file in self._shown.files[:1]] if self._shown is not None else []
        RegisterDataDialog(self._workspace, self._bridge, self, paths=paths, name=self._name).open()

    def ask_to_forget(self) -> None:
        """Ask, then forget every version; the files stay."""
        confirm(
            self,
            self.tr("Forget the dataset “{0}”?").format(self._name),
            self.tr("All its versions are forgotten. Its files stay where they are, and runs keep what they used."),
            self.tr("Forget"),
            self._forget,
        )

    def _forget(self) -> None:
        name, datasets = self._name, self._workspace.datasets
        call_for(self, self._bridge, lambda: datasets.unregister(name))

    def _on_event_happened(self, event: DatasetChanged) -> None:
        if event.version:
            self._version = 0
            self.refresh()


def _origin(shown: DatasetVersion) -> str:
    """Return the file, or the folder that all files lie in."""
    paths = [file.path for file in shown.files]
    try:
        return commonpath(paths) if paths else ""
    except ValueError:
        # Some are whole paths, some are not.
        return paths[0]


def _run_cells(run: RunSummary) -> tuple[Cell, ...]:
    return (
        Cell(run.display_name),
        Cell(state_word(run.state)),
        Cell(run.experiment),
        Cell(formats.relative_time(run.created_at), run.created_at),
    )
