from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTreeWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import (
    CopyField,
    CopyLabel,
    ElidedLabel,
    EmptyState,
    IconButton,
    PageStack,
    StateBadge,
)


def test_a_long_text_is_shortened_in_the_middle_and_whole_in_the_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("a" * 60 + "-end")
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert "…" in label.shown_text()
    assert label.shown_text().endswith("-end"[-2:])
    assert label.toolTip() == label.text()
    label.resize(2000, 20)
    assert label.toolTip() == ""


def test_markup_in_a_name_stays_text(qtbot: QtBot) -> None:
    label = ElidedLabel("<b>bold</b>")
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_state_is_icon_word_and_colour(qtbot: QtBot) -> None:
    badge = StateBadge(RunState.CANCEL_REQUESTED)
    qtbot.addWidget(badge)
    badge.show()
    word = next(label for label in badge.findChildren(QLabel) if label.text())
    assert word.text() == "Canceling"
    assert badge.accessibleName() == "Canceling"
    assert word.palette().color(word.foregroundRole()) == theme.state_color(RunState.CANCEL_REQUESTED)
    assert badge.state() == "CancelRequested"


def test_a_badge_takes_the_colours_of_another_theme(qtbot: QtBot, qapp) -> None:  # type: ignore[no-untyped-def]
    theme.apply(qapp, "light")
    badge = StateBadge(RunState.FAILED)
    qtbot.addWidget(badge)
    word = next(label for label in badge.findChildren(QLabel) if label.text())
    light = word.palette().color(word.foregroundRole()).name()
    theme.apply(qapp, "dark")
    assert word.palette().color(word.foregroundRole()).name() != light
    theme.apply(qapp, "light")


def test_a_field_is_copied_by_its_button(qtbot: QtBot) -> None:
    field = CopyField("curl http://127.0.0.1:9000/score", "Call")
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.copied):
        field.findChild(IconButton).click()
    assert QGuiApplication.clipboard().text() == field.text()


def test_an_id_is_copied_by_a_click(qtbot: QtBot) -> None:
    label = CopyLabel("iris_1700000000_abcd")
    qtbot.addWidget(label)
    label.show()
    with qtbot.waitSignal(label.copied):
        qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert QGuiApplication.clipboard().text() == "iris_1700000000_abcd"


def test_an_empty_state_offers_one_button(qtbot: QtBot) -> None:
    empty = EmptyState("experiment", "No runs yet.", "Choose a script…")
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.pressed):
        empty.button.click()
    plain = EmptyState("experiment", "No runs yet.")
    qtbot.addWidget(plain)
    assert plain.button.isHidden()


class _Sender(QObject):
    happened = Signal(object)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal there")
def test_calls_and_signals_keep_the_references_of_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on Python 3.11 drops one with each call and aborts in the end."""
    label, sender, heard = QLabel(), _Sender(), []
    qtbot.addWidget(label)
    sender.happened.connect(heard.append)
    before = sys.getrefcount(None)
    for _ in range(20_000):
        label.setText("text")
    for _ in range(2_000):
        sender.happened.emit(None)
    heard.clear()
    assert sys.getrefcount(None) > before - 500


def test_an_empty_state_in_a_low_pane_shows_its_sentence_whole(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    state = EmptyState("compare", "Press Preview to see what a build would change. Nothing is installed.")
    qtbot.addWidget(state)
    state.setMinimumSize(1, 1)
    state.resize(400, 60)
    state.show()
    assert not state.icon.isVisible()
    qtbot.waitUntil(lambda: state.label.height() >= state.label.heightForWidth(state.label.width()))
    state.resize(400, 300)
    qtbot.waitUntil(state.icon.isVisible)


def test_a_table_that_gives_way_leaves_the_keyboard_to_what_takes_its_place(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    stack, elsewhere = PageStack(window), QLineEdit(window)
    table, empty = QTreeWidget(), EmptyState("search", "No run matches.", "Show all")
    for page in (table, empty):
        stack.addWidget(page)
    layout = QVBoxLayout(window)
    for widget in (stack, elsewhere):
        layout.addWidget(widget)
    window.show()
    window.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    stack.setCurrentWidget(empty)
    assert empty.button.hasFocus()
    stack.setCurrentWidget(table)
    assert stack.isAncestorOf(QApplication.focusWidget())
    elsewhere.setFocus()
    stack.setCurrentWidget(empty)
    assert elsewhere.hasFocus()


def test_an_empty_pane_needs_no_room_for_its_icon(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    state = EmptyState("eye", "Select a file to look into it.", "Choose a file…", around)
    state.resize(300, state.minimumSizeHint().height())
    around.show()
    assert state.height() < 100
    assert not state.icon.isVisible()
    assert state.label.geometry().bottom() < state.button.geometry().top()
    state.resize(300, 300)
    qtbot.waitUntil(state.icon.isVisible)
