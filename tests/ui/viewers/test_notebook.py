"""A notebook is shown cell by cell, with its pictures and its errors, and nothing in it is trusted."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_aml.ui.viewers.notebook import read_notebook
from desktop_aml.ui.viewers.preview import Preview, load


def picture() -> str:
    image = QImage(1000, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return base64.b64encode(bytes(buffer.data())).decode()


def notebook() -> str:
    outputs = [
        {"output_type": "stream", "text": ["one\n", "\x1b[31mtwo\x1b[0m\n"]},
        {"output_type": "display_data", "data": {"image/png": picture(), "text/plain": "<Figure>"}},
        {"output_type": "execute_result", "data": {"text/plain": ["42"]}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no rows", "traceback": []},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# <b>Title</b>"]},
        {"cell_type": "code", "source": "print(1)", "outputs": outputs},
        {"cell_type": "code", "source": "", "outputs": "?"},
        7,
    ]
    return json.dumps({"cells": cells})


def test_cells_and_their_outputs_follow_each_other():
    parts = read_notebook(notebook())
    assert [part.kind for part in parts] == ["words", "code", "output", "picture", "output", "error"]
    assert parts[2].text == "one\ntwo\n"
    assert parts[3].image is not None
    assert parts[3].image.width() == 640
    assert parts[5].text == "ValueError: no rows"


def test_what_is_no_notebook_has_no_cells():
    for text in ("", "{", "[" * 100_000, "[]", '{"cells": 3}'):
        assert read_notebook(text) == ()


def test_a_notebook_among_the_outputs_is_read_not_rendered(qtbot: QtBot, tmp_path: Path):
    (tmp_path / "out.ipynb").write_text(notebook())
    preview = Preview()
    qtbot.addWidget(preview)
    preview.show()
    preview.show_loaded(load(tmp_path / "out.ipynb", "out.ipynb"))
    assert preview.currentWidget() is preview.notebook
    labels = preview.notebook.findChildren(QLabel)
    assert labels[0].text() == "# <b>Title</b>"
    assert labels[0].textFormat() is Qt.TextFormat.PlainText
    (tmp_path / "empty.ipynb").write_text("{}")
    preview.show_loaded(load(tmp_path / "empty.ipynb", "empty.ipynb"))
    assert "empty" in preview.notebook.findChildren(QLabel)[0].text()
