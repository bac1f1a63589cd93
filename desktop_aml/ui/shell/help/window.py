"""Help inside the window: the pages of the documentation with their links, and a sheet of all shortcuts."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QImage, QKeySequence, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QTabWidget, QVBoxLayout, QWidget

from desktop_aml import resources
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.texts import QT_TRANSLATE_NOOP
from desktop_aml.ui.shell.actions import MENUS, TABLE
from desktop_aml.ui.shell.help.keys import PANE_KEYS
from desktop_aml.ui.shell.panes.docks import PANES
from desktop_aml.ui.viewers.document import DocumentView

FIRST: Final = "index.md"
_SIZE: Final = (860, 640)
_COMMENT: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_OTHER_KEYS: Final = (
    QT_TRANSLATE_NOOP("keys", "Panes"),
    QT_TRANSLATE_NOOP("keys", "In lists, pages and forms"),
)


class HelpPages(DocumentView):
    """Shows the pages of the documentation; links between them are followed, and led back."""

    def __init__(self, folder: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.page = ""
        self._before: list[str] = []
        self.setAccessibleName(self.tr("Help"))

    def open_page(self, name: str, anchor: str = "") -> None:
        """Show the page `name`, a path below the documentation's folder, at a heading."""
        text = self._text_of(name)
        if text is None:
            return
        if self.page and self.page != name:
            self._before.append(self.page)
        self.page = name
        self.show_document(_COMMENT.sub("", text), is_markdown=True)
        if anchor:
            self._go_to_heading(anchor)

    def can_go_back(self) -> bool:
        """Whether another page was shown before."""
        return bool(self._before)

    def go_back(self) -> None:
        """Show the page before this one."""
        if self._before:
            name, self.page = self._before.pop(), ""
            self.open_page(name)

    def _text_of(self, name: str) -> str | None:
        if self._folder is None:
            return self.tr("# Help\n\nThe pages of the documentation are missing from this installation.")
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()) or not path.is_file():
            return None
        return path.read_text("utf-8")

    def _go_to_heading(self, anchor: str) -> None:
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and _slug(block.text()) == anchor:
                self.setTextCursor(QTextCursor(self.document().lastBlock()))
                self.setTextCursor(QTextCursor(block))
                return
            block = block.next()

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """Load pictures of the documentation, and nothing else."""
        words = name.toString() if isinstance(name, QUrl) else name
        if self._folder is None or "://" in words:
            return super().loadResource(kind, name)
        path = (self._folder / self.page).parent / words
        if not path.resolve().is_relative_to(self._folder.resolve()) or not path.is_file():
            return None
        picture = QImage(str(path))
        room = max(200, self.viewport().width() - 2 * theme.SPACE_XL)
        return picture.scaledToWidth(room) if picture.width() > room else picture

    def _on_anchor_clicked(self, link: QUrl) -> None:
        if link.scheme():
            super()._on_anchor_clicked(link)
        elif not link.path():
            self._go_to_heading(link.fragment())
        elif self._folder is not None and link.path().endswith(".md"):
            path = ((self._folder / self.page).parent / link.path()).resolve()
            if path.is_relative_to(self._folder.resolve()):
                self.open_page(path.relative_to(self._folder.resolve()).as_posix(), link.fragment())


def _slug(text: str) -> str:
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", text.strip().lower()))


def shortcut_rows() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return every shortcut of the window: for each heading pairs of keys and what they do."""
    translate = QCoreApplication.translate
    groups: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    for name, title in MENUS:
        rows = tuple(
            (_native(spec.key_sequence()), spec.translated().rstrip("…"))
            for spec in TABLE
            if spec.menu.rstrip("-") == name and not spec.key_sequence().isEmpty()
        )
        if rows:
            groups.append((translate("actions", title).replace("&", ""), rows))
    panes = tuple((pane.shortcut, translate("panes", pane.title)) for pane in PANES)
    inside = tuple((keys, f"{translate('keys', where)}: {translate('keys', what)}") for where, keys, what in PANE_KEYS)
    groups += [(translate("keys", _OTHER_KEYS[0]), panes), (translate("keys", _OTHER_KEYS[1]), inside)]
    return tuple(groups)


def _native(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.NativeText)


class ShortcutSheet(QWidget):
    """All shortcuts on one page, with a field that keeps those which hold what is typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter keys and acts"))
        self.filter.setAccessibleName(self.tr("Filter keys and acts"))
        self.filter.setClearButtonEnabled(True)
        self.sheet = DocumentView()
        self.sheet.setAccessibleName(self.tr("Keyboard shortcuts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.filter)
        column.addWidget(self.sheet, 1)
        self.filter.textChanged.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        typed = self.filter.text().strip().casefold()
        parts = []
        for title, rows in shortcut_rows():
            kept = [row for row in rows if typed in f"{row[0]} {row[1]}".casefold()]
            if kept:
                lines = "".join(
                    f'<tr><td width="200"><b>{html.escape(keys)}</b></td><td>{html.escape(what)}</td></tr>'
                    for keys, what in kept
                )
                parts.append(f'<h3>{html.escape(title)}</h3><table cellspacing="0" cellpadding="3">{lines}</table>')
        nothing = html.escape(self.tr("No shortcut holds “{0}”.").format(self.filter.text().strip()))
        self.sheet.show_document("".join(parts) or f"<p>{nothing}</p>", is_markdown=False)


class HelpWindow(QDialog):
    """Stands beside the window while one works; one for each window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help_window")
        self.setWindowTitle(self.tr("Help"))
        self.resize(*_SIZE)
        self.pages = HelpPages(resources.docs())
        self.back = QPushButton(self.tr("Back"))
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self.pages.go_back)
        contents = QPushButton(self.tr("Contents"))
        contents.setAutoDefault(False)
        contents.clicked.connect(lambda: self.pages.open_page(FIRST))
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, 0)
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(self.back)
        bar.addWidget(contents)
        bar.addStretch(1)
        reading = QWidget()
        column = QVBoxLayout(reading)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(bar)
        column.addWidget(self.pages, 1)
        self.shortcuts = ShortcutSheet()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Parts of the help"))
        self.tabs.addTab(reading, self.tr("Help"))
        self.tabs.addTab(self.shortcuts, self.tr("Keyboard shortcuts"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.tabs)
        self.pages.textChanged.connect(self._look)
        self.pages.open_page(FIRST)
        self._look()

    def _look(self) -> None:
        self.back.setEnabled(self.pages.can_go_back())

    def show_help(self, page: str = "", heading: str = "") -> None:
        """Show the pages, as they were left or `page` at a heading."""
        self._show(0, self.pages)
        if page:
            self.pages.open_page(page, heading)

    def show_shortcuts(self) -> None:
        """Show the sheet of shortcuts."""
        self._show(1, self.shortcuts.filter)

    def _show(self, tab: int, focus: QWidget) -> None:
        self.tabs.setCurrentIndex(tab)
        self.show()
        self.raise_()
        self.activateWindow()
        focus.setFocus()
