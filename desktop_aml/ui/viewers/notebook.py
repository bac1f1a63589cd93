"""A look into a notebook: its cells with their texts, outputs, errors and pictures, as far as a person can read."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import SecondaryLabel

_CELLS: Final = 200
_CHARACTERS: Final = 4000
_PICTURE_WIDTH: Final = 640
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
_PICTURES: Final = ("image/png", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a notebook: ``"code"``, ``"words"``, ``"output"``, ``"error"`` or ``"picture"``."""

    kind: str
    text: str = ""
    image: QImage | None = None


def read_notebook(text: str) -> tuple[Part, ...]:
    """Return the pieces of a notebook in their order; nothing when `text` is none. Called off the GUI thread."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        return ()
    parts: list[Part] = []
    for cell in cells[:_CELLS]:
        if isinstance(cell, dict):
            parts += _parts_of(cell)
    return tuple(part for part in parts if part.text.strip() or part.image is not None)


def _parts_of(cell: dict[str, Any]) -> list[Part]:
    is_code = cell.get("cell_type") == "code"
    parts = [Part("code" if is_code else "words", _joined(cell.get("source")))]
    outputs = cell.get("outputs") if is_code else None
    found = outputs if isinstance(outputs, list) else []
    return [*parts, *(_output(output) for output in found if isinstance(output, dict))]


def _output(output: dict[str, Any]) -> Part:
    if output.get("output_type") == "error":
        trace = _joined(output.get("traceback"), "\n") or f"{output.get('ename')}: {output.get('evalue')}"
        return Part("error", _ANSI.sub("", trace))
    data = output.get("data")
    if not isinstance(data, dict):
        return Part("output", _ANSI.sub("", _joined(output.get("text"))))
    for kind in _PICTURES:
        image = _image(_joined(data.get(kind)))
        if image is not None:
            return Part("picture", image=image)
    return Part("output", _joined(data.get("text/plain")))


def _image(encoded: str) -> QImage | None:
    try:
        image = QImage.fromData(base64.b64decode(encoded))
    except (binascii.Error, ValueError):
        return None
    if image.isNull():
        return None
    wide = image.width() > _PICTURE_WIDTH
    return image.scaledToWidth(_PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation) if wide else image


def _joined(value: object, between: str = "") -> str:
    if isinstance(value, list):
        return between.join(str(piece) for piece in value)[:_CHARACTERS]
    return str(value)[:_CHARACTERS] if isinstance(value, str) else ""


class NotebookPreview(QScrollArea):
    """Pieces of a notebook under each other, to be read and copied from, not to be run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Notebook"))

    def show_parts(self, parts: tuple[Part, ...]) -> None:
        """Show a notebook from its beginning."""
        body = QWidget()
        body.setProperty("surface", True)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_S)
        for part in parts:
            column.addWidget(self._widget(part, body))
        if not parts:
            column.addWidget(SecondaryLabel(self.tr("This notebook is empty, or no notebook."), body))
        column.addStretch(1)
        self.setWidget(body)
        self.verticalScrollBar().setValue(0)

    def _widget(self, part: Part, parent: QWidget) -> QWidget:
        label = QLabel(part.text.rstrip("\n"), parent)
        if part.image is not None:
            label.setPixmap(QPixmap.fromImage(part.image))
            label.setAccessibleName(self.tr("Picture"))
            return label
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        if part.kind != "words":
            label.setFont(theme.font("mono"))
        label.setProperty("cell", part.kind)
        return label
