from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractAnimation
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.loading import BusyBar


def test_a_bar_without_a_percent_moves_in_steps_and_is_not_drawn_in_between(qtbot: QtBot) -> None:
    bar = BusyBar()
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


@pytest.mark.parametrize(("kind", "animations"), [(QProgressBar, 1), (BusyBar, 0)])
def test_where_nobody_knows_how_far_it_is_the_style_begins_no_animation(
    qtbot: QtBot, kind: type[QProgressBar], animations: int
) -> None:
    bar = kind()
    qtbot.addWidget(bar)
    bar.resize(120, 4)
    bar.setRange(0, 0)
    bar.show()
    # A style begins it when the bar is drawn, and makes it a child of the bar: Qt's own bar has one.
    bar.grab()
    assert len(bar.findChildren(QAbstractAnimation)) == animations
