from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.facts import Facts


def test_a_text_that_wraps_is_whole_and_one_long_word_does_not_widen_the_page(qtbot: QtBot) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.add("Takes", ", ".join(["sepal length (cm): number"] * 6), wraps=True)
    facts.add("Tags", "x" * 400, wraps=True)
    facts.resize(400, 200)
    facts.show()
    takes, tags = (label for label in facts.findChildren(QLabel) if label.accessibleName() in ("Takes", "Tags"))
    assert takes.height() > 2 * takes.fontMetrics().height()
    assert tags.height() > 2 * tags.fontMetrics().height()
    assert facts.minimumSizeHint().width() < 400


def test_a_long_name_goes_on_in_the_next_line_behind_one_of_its_signs(qtbot: QtBot) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.add("Metrics", "loss 0.1, system/gradient_norm_of_the_whole_network 378.4", wraps=True)
    [label] = [label for label in facts.findChildren(QLabel) if label.accessibleName() == "Metrics"]
    pieces = label.text().split("\u200b")
    assert pieces == ["loss 0.1, system/", "gradient_", "norm_", "of_", "the_", "whole_", "network 378.4"]
