"""The controls above the curves."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.metrics_bar import MetricsBar


@pytest.mark.parametrize("width", [490, 508, 560, 619, 620, 699, 700, 760, 1000])
def test_no_control_lies_on_another_at_any_width(qtbot: QtBot, qapp: QApplication, width: int) -> None:
    theme.apply(qapp, "light")
    page = QWidget()  # a window of its own would not become narrower than its layout
    qtbot.addWidget(page)
    bar = MetricsBar(page, has_table=True)
    bar.setGeometry(0, 0, width, bar.sizeHint().height())
    page.show()
    shown = [one for one in bar.findChildren(QWidget) if one.parent() is bar and one.isVisible()]
    for place, one in enumerate(shown):
        for other in shown[place + 1 :]:
            assert not one.geometry().intersects(other.geometry()), (one, other)


def test_the_tool_tip_says_the_smoothing(qtbot: QtBot) -> None:
    bar = MetricsBar(has_table=True)
    qtbot.addWidget(bar)
    assert "(off)" in bar.smoothing_slider.toolTip()
    bar.smoothing_slider.setValue(60)
    assert "(0.60)" in bar.smoothing_slider.toolTip()
