"""A report as a PDF: ``python -m desktop_aml.ui.viewers.report_pdf FILE`` reads the page and writes FILE.

In a process of its own, started where there may be no display: the command line and the engine load no Qt.
"""

from __future__ import annotations

import os
import re
import sys
from base64 import b64decode
from html import escape
from typing import Final

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSize, QSizeF, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from PySide6.QtSvg import QSvgRenderer

_MARGIN_MM: Final = 15.0
_DPI: Final = 96
_SHARP: Final = 3
"""Pictures are drawn this many times as fine as a screen shows them."""

_GAP: Final = 12.0
_MOST_UPRIGHT: Final = 5
_COLORS: Final = {
    "--ink": "#1c2127",
    "--quiet": "#5a6472",
    "--line": "#d8dde3",
    "--paper": "#ffffff",
    "--field": "#f4f6f8",
}
_STYLE: Final = """
body { font-family: sans-serif; font-size: 9pt; color: #1c2127; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; } h3 { font-size: 10pt; }
p { color: #5a6472; }
th, td { padding: 3px 10px 3px 0; text-align: left; }
code { font-family: monospace; font-size: 8pt; }
"""
_MARKS: Final = re.compile(r'<script type="application/json" id="[^"]*">.*?</script>', re.DOTALL)
_SVG: Final = re.compile(r"<svg .*?</svg>", re.DOTALL)
_PICTURE: Final = re.compile(r'src="data:([^;"]+);base64,([^"]*)"')
_CHIP: Final = re.compile(r'<span class="chip" style="border-color:([^;"]+);[^"]*"></span>')
_FIGURES: Final = re.compile(r'<div class="charts">(.*?)</div>', re.DOTALL)


class _Page(QTextDocument):
    """A report laid out for paper, with its curves and pictures."""

    def __init__(self, html: str, width: float) -> None:
        super().__init__()
        self._pictures: list[QImage] = []
        self._width = width
        self.setDefaultStyleSheet(_STYLE)
        html = _MARKS.sub("", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
        html = _CHIP.sub(lambda found: f'<span style="color:{found[1]}">&#9644;</span> ', html)
        html = _SVG.sub(lambda found: self._put(_drawn(found[0])), html)
        html = _PICTURE.sub(lambda found: self._placed(found[2]), html)
        html = _FIGURES.sub(lambda found: _side_by_side(found[1]), html)
        self.setHtml(html.replace("<table>", '<table border="0" cellspacing="0">'))

    def loadResource(self, _kind: int, name: QUrl | str) -> object:  # noqa: N802 - Qt's name
        """Return a picture of the report; nothing is fetched from anywhere."""
        place = QUrl(name).toString().removeprefix("picture:")
        return self._pictures[int(place)] if place.isdigit() and int(place) < len(self._pictures) else None

    def _put(self, image: QImage) -> str:
        return f"<img {self._attributes(image)}>"

    def _placed(self, letters: str) -> str:
        image = QImage.fromData(QByteArray(b64decode(letters)))
        return self._attributes(image) if not image.isNull() else 'alt="?"'

    def _attributes(self, image: QImage) -> str:
        self._pictures.append(image)
        # Two pictures share a line.
        width = min((self._width - _GAP) / 2, image.width() / image.devicePixelRatio())
        return f'src="picture:{len(self._pictures) - 1}" width="{width:.0f}"'


def _drawn(svg: str) -> QImage:
    for name, color in _COLORS.items():
        svg = svg.replace(f"var({name})", color)
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    style = (
        "<style>text{font-size:11px;font-family:sans-serif;fill:#5a6472}.rule{stroke:#d8dde3}"
        "polyline{fill:none;stroke-width:1.8}</style>"
    )
    svg = re.sub(r"(<svg [^>]*>)", lambda found: found[1] + style, svg, count=1)
    drawing = QSvgRenderer(QByteArray(svg.encode()))
    size = drawing.defaultSize() if drawing.isValid() else QSize(460, 220)
    image = QImage(size * _SHARP, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    drawing.render(painter, QRectF(image.rect()))
    painter.end()
    image.setDevicePixelRatio(_SHARP)
    return image


def _side_by_side(figures: str) -> str:
    """Return figures as rows of two, each with its words below or above as they were."""
    each = re.findall(r"<figure>(.*?)</figure>", figures, re.DOTALL)
    cells = [re.sub(r"<figcaption>(.*?)</figcaption>", r"<div><b>\1</b></div>", one, flags=re.DOTALL) for one in each]
    rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{lines}</table>"


def write(html: str, path: str) -> None:
    """Write a page as a PDF of A4 pages. What the page keeps for `run report --check` goes along in its metadata."""
    writer = QPdfWriter(path)
    writer.setResolution(_DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape if _is_wide(html) else QPageLayout.Orientation.Portrait,
            QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    writer.setTitle(title[1] if title else "")
    writer.setCreator("Desktop AML")
    marks = _MARKS.search(html)
    if marks is not None:
        writer.setDocumentXmpMetadata(_metadata(title[1] if title else "", marks[0]))
    page = QSizeF(writer.pageLayout().paintRectPixels(_DPI).size())
    document = _Page(html, page.width())
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(page)
    document.print_(writer)


def _is_wide(html: str) -> bool:
    """Whether so many runs stand side by side that upright pages have no room for them."""
    heads = re.search(r"<tr><th></th>(.*?)</tr>", html, re.DOTALL)
    return heads is not None and heads[1].count("<th") > _MOST_UPRIGHT


def _metadata(title: str, marks: str) -> QByteArray:
    text = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<pdf:Keywords>{escape(marks, quote=False)}</pdf:Keywords>"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>\n'
    )
    return QByteArray(text.encode())


def main(path: str) -> int:
    """Write the page that comes by standard input."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication(["report"])
    write(sys.stdin.buffer.read().decode("utf-8", "replace"), path)
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
