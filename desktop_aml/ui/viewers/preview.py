"""A look into one file: text, code, a table, a document, a picture, what a model holds; no more than can be read."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_aml.system.files import open_regular
from desktop_aml.ui.look import formats
from desktop_aml.ui.viewers import apart, tables
from desktop_aml.ui.viewers.apart import Facts
from desktop_aml.ui.viewers.code import CodeView
from desktop_aml.ui.viewers.document import DocumentView
from desktop_aml.ui.viewers.facts_preview import FactsPreview
from desktop_aml.ui.viewers.notebook import NotebookPreview, Part, read_notebook
from desktop_aml.ui.viewers.paper import PaperPane
from desktop_aml.ui.viewers.picture import PicturePane
from desktop_aml.ui.viewers.picture_file import read_picture
from desktop_aml.ui.viewers.table_preview import TablePreview
from desktop_aml.ui.viewers.tables import TablePage
from desktop_aml.ui.widgets.loading import LoadingState
from desktop_aml.ui.widgets.widgets import EmptyState

_TEXT_BYTES: Final = 1 << 20
_JSON_BYTES: Final = 4 << 20
_JSON_LINES: Final = 20_000
"""More lines of one text hold up the window; nobody reads them."""

_IMAGES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"})
_JSON: Final = frozenset({".json", ".ipynb"})
_DOCUMENTS: Final = {".html": False, ".htm": False, ".md": True, ".markdown": True}
_LARGEST_IMAGE: Final = 4096
_SVG_SIDE: Final = 1600


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read of a file: text, rows, a picture, facts, or words that say why there is nothing to see."""

    name: str
    text: str = ""
    table: TablePage | None = None
    image: QImage | None = None
    notebook: tuple[Part, ...] | None = None
    facts: Facts | None = None
    is_document: bool = False
    page: int = 0
    pages: int = 0
    words: str = ""


def load(path: Path, name: str, first: int = 0, total: int | None = None) -> Loaded:
    """Read what can be shown of a file. Called off the GUI thread.

    Parameters
    ----------
    first, total : int
        Of a table: the number of the first row to read, and how many there are, when that is known. Of a PDF `first`
        is the number of the page.
    """
    ending = Path(name).suffix.lower()
    try:
        size = path.stat().st_size
        if tables.table_ending(name):
            return _load_table(path, name, first, total)
        if ending == ".pdf":
            return _load_page(path, name, first)
        if ending in apart.ENDINGS:
            return _load_facts(path, name)
        with open_regular(path, follow_links=True) as stream:
            if ending in _IMAGES:
                return _load_image(stream, name)
            data = stream.read(_JSON_BYTES if ending in _JSON else _TEXT_BYTES)
    except FileNotFoundError:
        return Loaded(name, words=f"{name} is not there any more")
    except OSError as error:
        return Loaded(name, words=f"{name}: {error.strerror or error}")
    if ending == ".svg" and len(data) == size and b"<svg" in data:
        return _load_svg(data, name)
    if b"\x00" in data[:8192]:
        return Loaded(name, words=f"{formats.size(size)}, not text")
    text = data.decode("utf-8", "replace")
    if ending == ".ipynb" and len(data) == size:
        return Loaded(name, notebook=read_notebook(text))
    if ending in _DOCUMENTS and len(data) == size:
        return Loaded(name, text, is_document=True)
    if ending in _JSON:
        text = _pretty(text)
    more = f"\n… {formats.size(size - len(data))} more" if size > len(data) else ""
    return Loaded(name, text + more)


def _load_table(path: Path, name: str, first: int, total: int | None) -> Loaded:
    try:
        return Loaded(name, table=tables.read_page(path, name, first, total))
    except (csv.Error, EOFError) as error:
        return Loaded(name, words=f"{name}: {error}")


def _load_facts(path: Path, name: str) -> Loaded:
    found = apart.look_into(path, name)
    return Loaded(name, words=found.words) if found.words else Loaded(name, facts=found)


def _load_page(path: Path, name: str, number: int) -> Loaded:
    found = apart.draw_page(path, number)
    if found.words:
        return Loaded(name, words=found.words)
    shape = (found.width, found.height, found.stride)
    image = QImage(found.picture, *shape, QImage.Format.Format_RGB32).copy()  # the bytes go
    return Loaded(name, image=image, page=min(number, found.pages - 1), pages=found.pages)


def _load_image(stream: BufferedReader, name: str) -> Loaded:
    image, words = read_picture(stream, _LARGEST_IMAGE)
    return Loaded(name, words=words) if image.isNull() else Loaded(name, image=image)


def _load_svg(data: bytes, name: str) -> Loaded:
    renderer = QSvgRenderer(QByteArray(data))
    size = renderer.defaultSize()
    if not renderer.isValid() or size.isEmpty():
        return Loaded(name, data.decode("utf-8", "replace"))
    wanted = size.scaled(QSize(_SVG_SIDE, _SVG_SIDE), Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(wanted, QImage.Format.Format_ARGB32_Premultiplied)
    # What a picture leaves out was meant for paper.
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    return Loaded(name, image=image)


def _pretty(text: str) -> str:
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pretty = text
    lines = pretty.split("\n", _JSON_LINES)
    if len(lines) <= _JSON_LINES:
        return pretty
    left = lines.pop().count("\n") + 1
    return "\n".join([*lines, f"… {formats.count(left)} more lines"])


class Preview(QStackedWidget):
    """Shows what `load` read."""

    page_wanted = Signal(str, int, int)
    """Of a name: the number of the first row of its table to show, or of the page, and how many rows there are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Preview"))
        self._name = ""
        self.empty = EmptyState("eye", self.tr("Select a file to look into it."), parent=self)
        self.loading = LoadingState(self)
        self.code = CodeView(self)
        self.table = TablePreview(self)
        self.table.page_wanted.connect(self._on_table_page_wanted)
        self.picture = PicturePane(self)
        self.paper = PaperPane(self)
        self.paper.page_wanted.connect(lambda number: self.page_wanted.emit(self._name, number, 0))
        self.notebook = NotebookPreview(self)
        self.document = DocumentView(self)
        self.facts = FactsPreview(self)
        pages = (
            self.empty,
            self.loading,
            self.code,
            self.table,
            self.picture,
            self.paper,
            self.notebook,
            self.document,
            self.facts,
        )
        for page in pages:
            self.addWidget(page)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need what is shown, not the most that any kind of file would need."""
        shown = self.currentWidget()
        return super().minimumSizeHint() if shown is None else shown.minimumSizeHint()

    def begin(self, name: str) -> None:
        """Say that a file is read: what was shown is of another one."""
        self._name = name
        self.loading.begin(self.tr("Reading {0}").format(name.rpartition("/")[2]))
        self.setCurrentWidget(self.loading)

    def is_awaiting(self, name: str) -> bool:
        """Whether the file that is read, or shown, has this name."""
        return self._name == name

    def show_loaded(self, loaded: Loaded) -> None:
        """Show a file."""
        self._name = loaded.name
        self.loading.end()
        if loaded.words:
            self.empty.set_text(loaded.words)
            self.setCurrentWidget(self.empty)
        elif loaded.image is not None and loaded.pages:
            self.setCurrentWidget(self.paper)
            self.paper.show_page(loaded.image, loaded.name, loaded.page, loaded.pages)
        elif loaded.image is not None:
            self.setCurrentWidget(self.picture)
            self.picture.show_image(loaded.image, loaded.name)
        elif loaded.notebook is not None:
            self.notebook.show_parts(loaded.notebook)
            self.setCurrentWidget(self.notebook)
        elif loaded.table is not None:
            self.table.show_page(loaded.table)
            self.setCurrentWidget(self.table)
        elif loaded.facts is not None:
            self.facts.show_facts(loaded.facts)
            self.setCurrentWidget(self.facts)
        elif loaded.is_document:
            self.document.show_document(loaded.text, is_markdown=_DOCUMENTS[Path(loaded.name).suffix.lower()])
            self.setCurrentWidget(self.document)
        else:
            self.code.show_text(loaded.text, loaded.name)
            self.setCurrentWidget(self.code)

    def _on_table_page_wanted(self, first: int) -> None:
        self.page_wanted.emit(self._name, first, self.table.rows.page.total)
