"""A dialog has room for its words."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.dialog_foot import dialog_foot


def made(qtbot: QtBot, rows: int) -> tuple[QDialog, QLabel]:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    layout, words = QVBoxLayout(dialog), QLabel("words that go on over the end of a line. " * 3)
    words.setWordWrap(True)
    for number in range(rows):
        button = QPushButton(str(number))
        button.setFixedHeight(28)
        layout.addWidget(button)
    layout.addWidget(words)
    layout.addLayout(dialog_foot(dialog, "Cancel", QPushButton("Add")))
    dialog.setFixedWidth(300)
    return dialog, words


def test_words_are_not_cut_where_the_screen_is_hardly_higher_than_the_dialog(qtbot: QtBot) -> None:
    # Qt gives a window that has no size two thirds of the screen at most.
    room = QGuiApplication.primaryScreen().availableGeometry().height()
    dialog, words = made(qtbot, rows=(room * 3 // 4) // 40)
    dialog.show()
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))
    assert dialog.height() <= room


def test_a_dialog_grows_with_what_it_says(qtbot: QtBot) -> None:
    dialog, words = made(qtbot, rows=1)
    dialog.show()
    words.setText("an error with a reason, and what to do about it. " * 12)
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))
