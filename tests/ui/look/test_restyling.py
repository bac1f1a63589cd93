from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.look import theme
from desktop_aml.ui.look.restyling import restyle_when_seen


def test_a_hidden_page_is_drawn_anew_once_when_it_is_shown(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    seen, hidden, drawn = QWidget(), QWidget(), []
    qtbot.addWidget(seen)
    for widget in (seen, hidden):
        restyle_when_seen(widget, lambda one=widget: drawn.append((one, theme.is_dark())))
    seen.show()
    for choice in ("dark", "light", "dark"):
        theme.apply(qapp, choice)
    assert drawn == [(seen, True), (seen, False), (seen, True)]
    drawn.clear()
    for _ in range(2):
        hidden.show()
        hidden.hide()
    assert drawn == [(hidden, True)]
    hidden.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.apply(qapp, "light")
    assert drawn[1:] == [(seen, False)]
