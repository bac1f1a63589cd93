"""A look into one file: text, code, CSV, JSON or a picture; never more of it than a person can read."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from desktop_aml.system.files import open_regular
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.viewers.code import CodeView
from desktop_aml.ui.viewers.notebook import NotebookPreview, Part, read_notebook
from desktop_aml.ui.viewers.picture import PicturePane
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets.widgets import EmptyState

_TEXT_BYTES: Final = 1 << 20
_JSON_BYTES: Final = 4 << 20
_ROWS: Final = 500
_COLUMNS: Final = 100
_IMAGES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"})
_TABLES: Final = {".csv": ",", ".tsv": "\t"}
_JSON: Final = frozenset({".json", ".ipynb"})
_LARGEST_IMAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read of a file: text, rows, a picture, or words that say why there is nothing to see."""

    name: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    image: QImage | None = None
    notebook: tuple[Part, ...] | None = None
    words: str = ""


def load(path: Path, name: str) -> Loaded:
    """Read what can be shown of a file. Called off the GUI thread."""
    try:
        size, ending = path.stat().st_size, Path(name).suffix.lower()
        with open_regular(path, follow_links=True) as stream:
            if ending in _IMAGES:
                return _load_image(path, name)
            data = stream.read(_JSON_BYTES if ending in _JSON else _TEXT_BYTES)
    except OSError as error:
        return Loaded(name, words=f"{name}: {error.strerror}")
    if b"\x00" in data[:8192]:
        return Loaded(name, words=f"{formats.size(size)}, not text")
    text = data.decode("utf-8", "replace")
    if ending in _TABLES:
        return Loaded(name, rows=_rows(text, _TABLES[ending]))
    if ending == ".ipynb" and len(data) == size:
        return Loaded(name, notebook=read_notebook(text))
    if ending in _JSON:
        text = _pretty(text)
    more = f"\n… {formats.size(size - len(data))} more" if size > len(data) else ""
    return Loaded(name, text + more)


def _load_image(path: Path, name: str) -> Loaded:
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _LARGEST_IMAGE:
        reader.setScaledSize(size.scaled(QSize(_LARGEST_IMAGE, _LARGEST_IMAGE), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return Loaded(name, words=reader.errorString()) if image.isNull() else Loaded(name, image=image)


def _rows(text: str, delimiter: str) -> tuple[tuple[str, ...], ...]:
    rows = []
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter)):
        if number > _ROWS:
            break
        rows.append(tuple(row[:_COLUMNS]))
    return tuple(rows)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


class Preview(QStackedWidget):
    """Shows what `load` read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Preview"))
        self.empty = EmptyState("eye", self.tr("Select a file to look into it."), parent=self)
        self.code = CodeView(self)
        self.table = QTableWidget(self)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setItemDelegate(PaddedDelegate(self.table))
        self.table.setShowGrid(False)
        self.table.setAccessibleName(self.tr("Rows of the file"))
        self.picture = PicturePane(self)
        self.notebook = NotebookPreview(self)
        for page in (self.empty, self.code, self.table, self.picture, self.notebook):
            self.addWidget(page)

    def show_loaded(self, loaded: Loaded) -> None:
        """Show a file."""
        if loaded.words:
            self.empty.set_text(loaded.words)
            self.setCurrentWidget(self.empty)
        elif loaded.image is not None:
            self.setCurrentWidget(self.picture)
            self.picture.show_image(loaded.image, loaded.name)
        elif loaded.notebook is not None:
            self.notebook.show_parts(loaded.notebook)
            self.setCurrentWidget(self.notebook)
        elif loaded.rows:
            self._fill_table(loaded.rows)
            self.setCurrentWidget(self.table)
        else:
            self.code.show_text(loaded.text, loaded.name)
            self.setCurrentWidget(self.code)

    def _fill_table(self, rows: tuple[tuple[str, ...], ...]) -> None:
        head, body = rows[0], rows[1:]
        self.table.setRowCount(len(body))
        self.table.setColumnCount(max(len(row) for row in rows))
        self.table.setHorizontalHeaderLabels(list(head))
        for number, row in enumerate(body):
            for column, cell in enumerate(row):
                self.table.setItem(number, column, QTableWidgetItem(cell))
