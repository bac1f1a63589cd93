from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.button_words import ButtonWords


def test_a_narrow_page_leaves_the_words_out_and_a_wide_one_shows_them(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    button = QPushButton("Clean up…", page)
    QHBoxLayout(page).addWidget(button)
    ButtonWords(page, (button,), 600)
    page.resize(800, 100)
    page.show()
    assert button.text() == "Clean up…"
    page.resize(400, 100)
    qtbot.waitUntil(lambda: not button.text())
    assert button.accessibleName() == button.toolTip() == "Clean up…"
    page.resize(700, 100)
    qtbot.waitUntil(lambda: button.text() == "Clean up…")


def test_a_button_that_comes_takes_the_room_of_the_words(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    always, now_and_then = QPushButton("Clean up", page), QPushButton("Trash", page)
    now_and_then.hide()
    ButtonWords(page, (always, now_and_then), 600)
    page.resize(620, 100)
    page.show()
    assert always.text() == "Clean up"
    now_and_then.show()
    assert always.text() == now_and_then.text() == ""
    now_and_then.hide()
    assert always.text() == "Clean up"
