"""A choice gives back the very value that was offered."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.ui.widgets.choice_field import ChoiceField


@pytest.mark.parametrize("value", [Goal.MINIMIZE, "minimize", 1, True, None, 2.5])
def test_a_value_comes_back_as_it_was_offered(qtbot: QtBot, value: object) -> None:
    field = ChoiceField()
    qtbot.addWidget(field)
    field.set_choices((("other", "other"), ("meant", value)))
    assert field.set_value(value)
    assert field.currentText() == "meant"
    assert field.value() == value
    assert type(field.value()) is type(value)


def test_truth_is_no_number_and_a_text_means_the_member_that_it_spells(qtbot: QtBot) -> None:
    field = ChoiceField()
    qtbot.addWidget(field)
    field.set_choices((("one", 1), ("true", True), ("less", Goal.MINIMIZE)))
    assert field.set_value(True)
    assert field.currentText() == "true"
    assert field.set_value("minimize")
    assert field.value() is Goal.MINIMIZE
