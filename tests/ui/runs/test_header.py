"""The head of a run's page: its name has all the room that the buttons leave."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import RunDetail, RunState, RunSummary
from desktop_aml.ui.runs.header import RunHeader

NAME = "smooth-brook-1"


@pytest.mark.parametrize("width", [660, 700, 900])
def test_a_name_is_not_shortened_beside_free_room(qtbot: QtBot, width: int) -> None:
    summary = RunSummary("r", 1, "e", NAME * 2, RunState.COMPLETED, "t.py", "local", "this-python", 1.0, 1.0, 2.0)
    page = QWidget()
    qtbot.addWidget(page)
    header = RunHeader(page)
    header.show_detail(RunDetail(summary, (), (), "", "", None, "", "3.11", None), has_model=True)
    header.resize(width, 120)
    page.resize(width, 200)
    page.show()
    name = header.name
    free = header.again_button.x() - header.rename_button.geometry().right()
    assert name.shown_text() == NAME * 2 or free <= 24, (name.shown_text(), free)


def test_what_lies_below_the_head_does_not_move_when_a_run_ends(qtbot: QtBot) -> None:
    header = RunHeader()
    qtbot.addWidget(header)
    heights = set()
    for state in (RunState.QUEUED, RunState.RUNNING, RunState.COMPLETED, RunState.CANCELED):
        summary = RunSummary("r", 1, "e", NAME, state, "t.py", "local", "this-python", 1.0, 1.0, 2.0)
        for has_model in (False, True):
            header.show_detail(RunDetail(summary, (), (), "", "", None, "", "3.11", None), has_model=has_model)
            heights.add(header.sizeHint().height())
    assert len(heights) == 1
