"""The stages of a run: whole words, and only as much as there is room for."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import RunState, StateChange
from desktop_aml.ui.runs.stage_strip import StageStrip

STATES = (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING)


def test_words_are_left_out_whole_where_there_is_little_room(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    strip = StageStrip(page)
    strip.show_history(tuple(StateChange(at, state, 10.0 * at) for at, state in enumerate(STATES)))
    strip.resize(900, 32)
    page.show()
    assert [stage.word.isVisible() for stage in strip.stages] == [True] * 5
    assert [stage.took.isVisible() for stage in strip.stages] == [True, True, True, False, False]
    strip.resize(400, 32)
    assert [stage.word.isVisible() for stage in strip.stages] == [False, False, True, False, False]
    assert strip.stages[0].toolTip() == "Queued"
    assert strip.stages[2].toolTip() == ""


def test_what_a_run_waits_for_is_read_before_the_words_of_later_stages(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    strip = StageStrip(page)
    strip.resize(480, 32)
    page.show()
    strip.show_history((StateChange(0, RunState.QUEUED, 0.0),), "Position 1 in the queue")
    assert [stage.word.isVisible() for stage in strip.stages] == [True, False, False, False, False]
    qtbot.waitUntil(lambda: strip.note.shown_text() == "Position 1 in the queue")
    strip.show_history((StateChange(0, RunState.QUEUED, 0.0),))
    assert all(stage.word.isVisible() for stage in strip.stages)
