from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import DiskFull, NotFound
from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.shell.help.window import HelpWindow
from desktop_aml.ui.shell.messages import SHOWN_AT_ONCE, MessageBell, MessageCenter
from desktop_aml.ui.widgets.error_dialog import ErrorDialog


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(1000, 700)
    widget.show()
    return widget


def test_a_message_lies_inside_the_window_and_takes_no_focus(host: QWidget, qtbot: QtBot) -> None:
    center = MessageCenter(host)
    center.show_message(Message("The run failed.", "error", "Look at its log."))
    card = center.cards()[0]
    assert card.isVisible()
    assert host.rect().contains(card.geometry())
    assert not card.hasFocus()


def test_only_the_newest_are_shown_and_all_are_kept(host: QWidget) -> None:
    center = MessageCenter(host)
    for number in range(SHOWN_AT_ONCE + 2):
        center.show_message(Message(f"Message {number}", "error"))
    assert [card.message.text for card in center.cards()] == ["Message 2", "Message 3", "Message 4"]
    assert len(center.history) == SHOWN_AT_ONCE + 2


def test_the_same_message_is_not_stacked(host: QWidget) -> None:
    center = MessageCenter(host)
    center.show_message(Message("Disk full", "error"))
    center.show_message(Message("Disk full", "error"))
    assert len(center.cards()) == 1


def test_cards_do_not_cover_each_other(host: QWidget) -> None:
    center = MessageCenter(host)
    center.show_message(Message("One " * 40, "error"))
    center.show_message(Message("Two", "info"))
    first, second = center.cards()
    assert not first.geometry().intersects(second.geometry())


def test_messages_keep_to_their_column_and_close_together(host: QWidget, qtbot: QtBot) -> None:
    center, column, button = MessageCenter(host), QWidget(host), QPushButton("Run", host)
    column.setGeometry(200, 0, 500, 600)
    button.setGeometry(720, 560, 260, 120)
    center.stand_in(column)
    center.show_message(Message("One", "error"))
    assert center.close_all_button.isHidden()
    center.show_message(Message("Two", "error"))
    shown = [*center.cards(), center.close_all_button]
    assert not any(widget.geometry().intersects(button.geometry()) for widget in shown)
    assert all(host.rect().contains(widget.geometry()) for widget in shown)
    column.setGeometry(0, 0, 100, 600)
    assert all(host.rect().contains(widget.geometry()) for widget in shown), "a narrow column gives way"
    qtbot.mouseClick(center.close_all_button, Qt.MouseButton.LeftButton)
    assert (center.cards(), center.close_all_button.isHidden(), len(center.history)) == ((), True, 2)


def test_the_bell_counts_until_the_history_is_seen(host: QWidget) -> None:
    center = MessageCenter(host)
    bell = MessageBell(center, host)
    center.show_message(Message("One"))
    assert bell.toolTip() == "1 new message"
    bell.show_history()
    assert bell.toolTip() == "Messages"


def test_a_card_is_closed_and_remembered(host: QWidget) -> None:
    center = MessageCenter(host)
    center.show_message(Message("One", "error"))
    assert center.close_newest()
    assert not center.close_newest()
    assert [kept.message.text for kept in center.history] == ["One"]


def test_details_hold_everything_and_can_be_copied(host: QWidget, qtbot: QtBot) -> None:
    dialog = ErrorDialog.of_message(Message("It broke.", "error", "Fix it.", "line 1\nline 2"), host)
    dialog.open()
    next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy").click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("It broke.\n\nFix it.\n\nline 1\nline 2")
    assert "PySide6" in text
    dialog.accept()


def test_details_are_folded_away_at_first(host: QWidget) -> None:
    dialog = ErrorDialog("It broke.", "", "Traceback", None, host)
    dialog.open()
    assert dialog._details.isHidden()
    dialog.toggle_details()
    assert dialog._details.isVisible()
    dialog.accept()


def test_an_error_with_a_code_offers_the_help_about_it(host: QWidget, qtbot: QtBot) -> None:
    center = MessageCenter(host)
    center.show_message(Message.of_error(DiskFull("The disk is full.")))
    center.show_message(Message.of_error(NotFound("There is no such run.")))
    with_code, without = center.cards()
    assert [button.text() for button in without.findChildren(QPushButton) if button.text()] == ["Details"]
    button = next(one for one in with_code.findChildren(QPushButton) if one.text() == "Help")
    with qtbot.waitSignal(center.help_wanted) as wanted:
        button.click()
    assert wanted.args == ["disk-full"]


def test_the_help_opens_at_the_code(qtbot: QtBot, dressed: None) -> None:
    window = HelpWindow()
    qtbot.addWidget(window)
    window.show_help("reference/error-codes.md", "disk-full")
    assert window.pages.page == "reference/error-codes.md"
    assert window.pages.textCursor().block().text() == "disk-full"


def test_the_newest_thing_that_can_be_taken_back_is_and_its_card_goes(host: QWidget) -> None:
    center, done = MessageCenter(host), []
    assert not center.undo_newest()
    for text, act, undoes in (("Deleted one.", "one", True), ("Deleted two.", "two", True), ("Off.", "on", False)):
        action = ("Undo" if undoes else "Switch on", lambda act=act: done.append(act))
        center.show_message(Message(text, action=action, undoes=undoes))
    assert center.undo_newest()
    assert done == ["two"]
    assert [card.message.text for card in center.cards()] == ["Deleted one.", "Off."]
