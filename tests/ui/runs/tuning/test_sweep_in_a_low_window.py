"""The page of a sweep where there is little room, and the dialog that extends one of many arguments."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.ui.runs.extend_dialog import ExtendDialog
from desktop_aml.ui.runs.sweep_tab import SweepTab
from desktop_aml.ui.session.bridge import Bridge
from tests import sweep_panes
from tests.ui.look.layout_rules import broken


def test_nothing_of_a_sweep_is_squeezed_or_cut_in_a_low_narrow_window(bridge: Bridge, qtbot: QtBot) -> None:
    sweep = sweep_panes.sweep_of([f"r_{n}" for n in range(18)], time.time())
    tab = SweepTab(sweep_panes.SeededSweep(sweep_panes.Sweeps(sweep)), bridge, "r_0")  # type: ignore[arg-type]
    qtbot.addWidget(tab)
    tab.resize(490, 270)
    tab.show()
    qtbot.waitUntil(lambda: tab.table is not None, timeout=30_000)
    qtbot.waitUntil(lambda: tab.plot.isVisible(), timeout=30_000)
    assert [words for words in broken(tab) if words.startswith(("clipped", "over each other"))] == []
    assert tab.words.height() < 2 * tab.words.fontMetrics().height()
    assert not tab.plot.size_button.isVisible()


def test_extending_a_sweep_of_many_arguments_scrolls_to_them(qtbot: QtBot) -> None:
    sweep = sweep_panes.sweep_of([f"r_{n}" for n in range(18)], time.time())
    many = space_of({f"--a{n}": parse("uniform(0, 1)") for n in range(20)})
    dialog = ExtendDialog(replace(sweep, spec=replace(sweep.spec, space=many)))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.height() < 700
    assert dialog.extend_button.isVisible()
    area = dialog.findChild(QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
