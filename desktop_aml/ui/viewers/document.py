"""HTML and Markdown as pages, without network, scripts or files of their own."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
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
        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_document(self, text: str, *, is_markdown: bool) -> None:
        """Show a document from its beginning."""
        if is_markdown:
            self.setMarkdown(text)
        else:
            self.setHtml(text)
        self.document().setDocumentMargin(theme.SPACE_L)

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:  # noqa: N802
        """Load nothing: a picture or style sheet that a document names may be anything, anywhere."""
        return None

    def _on_anchor_clicked(self, link: QUrl) -> None:
        if not link.scheme() and link.hasFragment():
            self.scrollToAnchor(link.fragment())
        elif link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
