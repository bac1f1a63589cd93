"""Rules before promotion on a model's page."""

from __future__ import annotations

# ruff: noqa: F811 - fixtures
from PySide6.QtWidgets import QInputDialog, QLabel

from desktop_aml.ui.models.page import ModelPage
from tests.ui.models.test_page import LONG_MS, add_model, edit, living, messages, shown  # noqa: F401 - fixtures among them


def test_rules_are_written_by_hand_shown_and_come_back(living, bridge, qtbot, add_model, shown, messages):
    add_model("iris", "one", tags={"reviewed": "yes"})
    add_model("iris", "two")
    page = shown(ModelPage(living, bridge, "iris:2"))
    qtbot.waitUntil(lambda: page.versions.topLevelItemCount() == 2, timeout=LONG_MS)
    page.editing.edit_rules()
    (box,) = page.findChildren(QInputDialog)
    box.setTextValue("champion: tag reviewed = yes\nstage:production : signature unchanged")
    box.accept()
    # One comes after the other, and the page reads them as they come.
    written = "champion: tag reviewed = yes\nstage:Production: signature unchanged"
    qtbot.waitUntil(lambda: page.rules.lines() == written and bool(messages), timeout=LONG_MS)
    qtbot.waitUntil(lambda: not page.findChildren(QInputDialog), timeout=LONG_MS)
    edit(page, qtbot, page.editing.edit_aliases, "champion")
    qtbot.waitUntil(lambda: "it has no tag reviewed" in messages[-1].text, timeout=LONG_MS)
    page.refresh()
    qtbot.waitUntil(lambda: bool(page.rules.checks), timeout=LONG_MS)
    texts = {label.text() for label in page.facts.findChildren(QLabel)}
    assert {"Rule before champion", "Not kept: tag reviewed = yes: it has no tag reviewed"} <= texts
    page.editing._rule("iris", "no colon here")
    assert "ALIAS: CONDITIONS" in messages[-1].text
    page.editing._rule("iris", "")
    # What the page reads may come before the words about it.
    qtbot.waitUntil(lambda: not page.rules.texts and messages[-1].action is not None, timeout=LONG_MS)
    messages[-1].action[1]()
    qtbot.waitUntil(lambda: len(living.models.rules.of("iris")) == 2, timeout=LONG_MS)
