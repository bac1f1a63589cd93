from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.start.first_paint import FirstPaint


class Painted(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.seen.append("painted")


def test_what_may_wait_begins_after_the_first_paint_and_once(qtbot: QtBot, qapp: QApplication) -> None:
    window = Painted()
    qtbot.addWidget(window)
    paint = FirstPaint(window)
    paint.came.connect(lambda: window.seen.append("told"))
    with qtbot.waitSignal(paint.came):
        window.show()
    assert window.seen[:2] == ["painted", "told"]
    window.repaint()
    qapp.sendEvent(window, QEvent(QEvent.Type.User))
    assert window.seen.count("told") == 1


def test_a_window_out_of_sight_begins_its_work_all_the_same(qtbot: QtBot) -> None:
    window = Painted()
    qtbot.addWidget(window)
    paint = FirstPaint(window, latest_ms=0)
    with qtbot.waitSignal(paint.came):
        pass
    assert window.seen == []
