"""The counts above the table of runs: with words where there is room, and never cut."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import RunState, ViewSnapshot
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.runs.state_chips import GROUPS, StateChips


def test_words_go_before_a_count_is_cut(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "light")  # how wide words are depends on it
    page = QWidget()
    qtbot.addWidget(page)
    chips = StateChips(page)
    chips.show_counts(ViewSnapshot(5, 1, by_state=tuple((name, 1234) for name, _ in GROUPS)))
    chips.resize(900, 32)
    page.show()
    assert chips.chip(RunState.COMPLETED).text() == f"Completed  {formats.count(1234)}"
    chips.resize(420, 32)
    every = [chips.chip(name) for name, _ in GROUPS]
    assert [chip.text() for chip in every] == [formats.count(1234)] * 5
    qtbot.waitUntil(lambda: all(chip.width() >= chip.minimumSizeHint().width() for chip in every))
    assert "Completed" in chips.chip(RunState.COMPLETED).toolTip()
