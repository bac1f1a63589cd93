"""Score a CSV file: choose it or drop it, look at the answers beside its rows, save them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTemporaryDir, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.errors import DesktopAMLError, StorageError
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.table_preview import TablePreview
from desktop_aml.ui.viewers.tables import TablePage, read_page
from desktop_aml.ui.widgets.drop import paths_of
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.endpoint.file_scoring import ScoredFile

_ENDINGS: Final = frozenset({".csv", ".tsv", ".tab", ".txt"})
_SCORED: Final = "scored.csv"


@dataclass(frozen=True, slots=True)
class _Scored:
    source: Path
    found: ScoredFile
    path: Path
    page: TablePage


class CsvView(QWidget):
    """Asks for a file and shows what came of it.

    Parameters
    ----------
    method : callable
        Returns the method of the model that is asked.
    """

    _told = Signal(int)

    def __init__(
        self, workspace: Workspace, bridge: Bridge, name: str, method: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._bridge, self._name, self._method = workspace, bridge, name, method
        self._folder = QTemporaryDir()
        self._scored: _Scored | None = None
        self._is_busy = False
        self._source = Path()
        self._columns = self._words_before = ""
        self.choose_button = QPushButton(self.tr("Choose file…"), self)
        icons.set_icon(self.choose_button, "folder", "text")
        self.choose_button.clicked.connect(self._on_choose_clicked)
        self.words = SecondaryLabel("", self)
        self.save_button = QPushButton(self.tr("Save as CSV…"), self)
        icons.set_icon(self.save_button, "save", "text")
        self.save_button.setEnabled(False)
        self.save_button.clicked.connect(self._on_save_clicked)
        self.error = ErrorLine(self)
        self.preview = TablePreview(self)
        self.preview.hide()
        self.preview.page_wanted.connect(self._show_page_from)
        self._told.connect(self._on_told)
        self._lay_out()
        self.setAcceptDrops(True)
        self.set_columns(())

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self.choose_button)
        top.addStretch(1)
        top.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(top)
        layout.addWidget(self.words)
        layout.addWidget(self.error)
        layout.addWidget(self.preview, 1)
        layout.addStretch()

    def set_columns(self, names: tuple[str, ...]) -> None:
        """Say which columns the file is to have; none where only their order counts."""
        if names:
            shown = ", ".join(names[:8]) + (self.tr(" and {0} more").format(len(names) - 8) if len(names) > 8 else "")
            self._columns = self.tr("Or drop a file here. Its first line names the columns {0}.")
            self._columns = self._columns.format(shown)
        else:
            self._columns = self.tr(
                "Or drop a file here: a row for each answer, its columns in the order of the model."
            )
        if self._scored is None:
            self.words.setText(self._columns)

    def score(self, path: Path) -> None:
        """Score a file; what was there before stays until it is done."""
        if self._is_busy:
            return
        self._set_busy(busy=True)
        self._source = path
        self.error.show_text("")
        self.words.setText(self.tr("Scoring {0}…").format(path.name))
        out, method = Path(self._folder.path()) / _SCORED, self._method()

        def work() -> _Scored:
            told = self._told.emit
            found = self._workspace.endpoints.score_file(self._name, path, out, method=method, told=told)
            return _Scored(path, found, out, read_page(out, _SCORED, 0, found.rows))

        call_for(self, self._bridge, work, self._on_scored, self._on_failed)

    def _set_busy(self, *, busy: bool) -> None:
        self._is_busy = busy
        self.choose_button.setEnabled(not busy)
        self.save_button.setEnabled(not busy and self._scored is not None)

    def _on_told(self, count: int) -> None:
        if self._is_busy:
            self.words.setText(self.tr("Scoring {0}: {1} rows").format(self._source.name, formats.count(count)))

    def _on_scored(self, scored: _Scored) -> None:
        self._scored = scored
        self._set_busy(busy=False)
        rows = scored.found.rows
        words = self.tr("{0}: 1 row scored") if rows == 1 else self.tr("{0}: {1} rows scored")
        self.words.setText(words.format(self._source.name, formats.count(rows)))
        self.preview.show()
        self.preview.show_page(scored.page)

    def _on_failed(self, error: DesktopAMLError) -> None:
        self._set_busy(busy=False)
        self.words.setText(self._columns if self._scored is None else self.tr("Below: the answers of an earlier file"))
        self.error.show_error(error)

    def _show_page_from(self, first: int) -> None:
        scored = self._scored
        if scored is not None:
            read = lambda: read_page(scored.path, _SCORED, first, scored.found.rows)  # noqa: E731
            call_for(self, self._bridge, read, self.preview.show_page, self.error.show_error)

    def _on_choose_clicked(self) -> None:
        dialog = QFileDialog(self, self.tr("Score a CSV file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Tables as text (*.csv *.tsv *.tab *.txt)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(lambda path: self.score(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_save_clicked(self) -> None:
        scored = self._scored
        if scored is None:
            return
        # The file chosen last may have been refused: the answers are those of the one before.
        name = f"{scored.source.stem}-scored.csv"
        ask_where_to_save(
            self, self.tr("Save the answers"), self.save, name=name, filters=["CSV (*.csv)"], suffix="csv"
        )

    def save(self, path: Path) -> None:
        """Write rows and answers into a file."""
        scored = self._scored
        if scored is None:
            return

        def work() -> None:
            try:
                shutil.copyfile(scored.path, path)
            except OSError as error:
                words = self.tr("“{0}” cannot be written: {1}.").format(path, error.strerror)
                raise StorageError(words, self.tr("Choose another place.")) from error

        saved = self.tr("Saved to {0}").format(path)
        call_for(self, self._bridge, work, lambda _: self.words.setText(saved), self.error.show_error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take one table; anything else is the window's."""
        paths = paths_of(event.mimeData())
        if len(paths) == 1 and paths[0].suffix.lower() in _ENDINGS and not self._is_busy:
            self._words_before = self.words.text()
            self.words.setText(self.tr("Score {0}").format(paths[0].name))
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Say again what was said before."""
        self.words.setText(self._words_before)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Score what was dropped."""
        event.acceptProposedAction()
        self.score(paths_of(event.mimeData())[0])
