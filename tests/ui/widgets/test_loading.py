from __future__ import annotations

from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.loading import BusyBar


class Counted(BusyBar):
    drawn = 0

    def paintEvent(self, event) -> None:
        self.drawn += 1
        super().paintEvent(event)


def test_a_bar_without_a_percent_moves_in_steps_and_is_not_drawn_in_between(qtbot: QtBot) -> None:
    bar = Counted()
    qtbot.addWidget(bar)
    bar.resize(120, 4)
    bar.setRange(0, 0)
    bar.show()
    assert bar._timer.isActive()
    accent = theme.color("accent").name()

    def part() -> list[int]:
        image = bar.grab().toImage()
        return [x for x in range(0, 120, 10) if image.pixelColor(x + 5, 2).name() == accent]

    assert part() == [0, 10, 20]
    bar._timer.timeout.emit()
    assert part() == [30, 40, 50]
    bar.setRange(0, 100)
    bar.setValue(50)
    # With a percent it is the bar that Qt draws.
    assert part() == [0, 10, 20, 30, 40, 50]
    bar.hide()
    assert not bar._timer.isActive()


def test_where_nobody_knows_how_far_it_is_the_style_begins_no_animation(qtbot: QtBot) -> None:
    bar = Counted()
    qtbot.addWidget(bar)
    bar.resize(120, 4)
    bar.setRange(0, 0)
    bar.show()
    qtbot.waitUntil(lambda: bar.drawn > 0)
    # The animation of a style is a child of the style, for the bar.
    bar._timer.stop()
    before = bar.drawn
    qtbot.wait(60)
    assert bar.drawn == before
    assert isinstance(bar, QProgressBar)
