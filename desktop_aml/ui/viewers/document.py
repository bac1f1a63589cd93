"""HTML and Markdown as pages, without network, scripts or files of their own."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor, QTextFrameFormat, QTextTable
from PySide6.QtWidgets import QTextBrowser, QWidget

from desktop_aml.ui.look import theme


class DocumentView(QTextBrowser):
    """Shows one document. Nothing that it names is loaded; a link to the web opens in the browser when pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("flat", True)
        self.setOpenLinks(False)
        self.setAccessibleName(self.tr("Document"))
        self.document().setDocumentMargin(theme.SPACE_L)
        self._is_dressed = False
        self.anchorClicked.connect(self._on_anchor_clicked)
        theme.changed.connect(self._on_theme_changed)

    def show_document(self, text: str, *, is_markdown: bool) -> None:
        """Show a document from its beginning."""
        self._is_dressed = is_markdown
        if is_markdown:
            self.setMarkdown(text)
            self._dress()
        else:
            self.setHtml(text)
        self.document().setDocumentMargin(theme.SPACE_L)

    def _on_theme_changed(self) -> None:
        if self._is_dressed:
            self._dress()

    def _dress(self) -> None:
        """Give headings room above, and tables the hairlines of the window and no empty head."""
        document = self.document()
        block = document.begin().next()
        while block.isValid():
            shape = block.blockFormat()
            if shape.headingLevel():
                shape.setTopMargin(theme.SPACE_L)
                shape.setBottomMargin(theme.SPACE_S)
                QTextCursor(block).setBlockFormat(shape)
            block = block.next()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._dress_table(frame)
        document.clearUndoRedoStacks()

    @staticmethod
    def _dress_table(table: QTextTable) -> None:
        # Markdown has no table without a head: where nothing is to be said there, it is left empty.
        cells = [table.cellAt(0, column) for column in range(table.columns())]
        is_empty = all(cell.firstCursorPosition() == cell.lastCursorPosition() for cell in cells)
        if is_empty and table.rows() > 1:
            table.removeRows(0, 1)
        shape = table.format().toTableFormat()
        if is_empty:
            shape.setHeaderRowCount(0)
        shape.setBorderCollapse(True)
        shape.setBorder(1)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setBorderBrush(theme.color("border"))
        shape.setCellPadding(theme.SPACE_XS)
        table.setFormat(shape)

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:  # noqa: N802
        """Load nothing: a picture or style sheet that a document names may be anything, anywhere."""
        return None

    def _on_anchor_clicked(self, link: QUrl) -> None:
        if not link.scheme() and link.hasFragment():
            self.scrollToAnchor(link.fragment())
        elif link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
