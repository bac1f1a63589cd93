"""One run is read: its log to the first line, its files of every kind, its code."""

from __future__ import annotations

from PySide6.QtWidgets import QTreeWidgetItemIterator

from desktop_aml.ui.runs.outputs_tab import OutputsTab
from desktop_aml.ui.runs.page import RunPage
from tests.journeys.by_hand.stage import Stage


def log_and_files(stage: Stage) -> None:
    """Search the log, change the size of its text, see the times of lines; look into every file."""
    hand, page = stage.hand, stage.open("run", stage.seeded.completed[0])
    assert isinstance(page, RunPage)
    hand.until(lambda: hasattr(page, "outputs") and page.tabs.isVisible(), "the page")
    hand.click_tab(page.tabs.tabBar(), "Log")
    log = page.log
    hand.until(lambda: log.text.blockCount() > 300, "the lines")
    hand.keys("ctrl+f")
    hand.until(log.search.field.hasFocus, "the search of the log")
    hand.type("epoch 0:")
    hand.keys("Return")
    hand.until(lambda: "1" in log.search.count_label.text(), "the first line to be found")
    hand.keys("Escape")
    hand.click(log.bar.times_button)
    hand.until(log.bar.times_button.isChecked, "times")
    hand.click(log.text.viewport())
    before = log.text.font().pointSizeF()
    hand.keys("ctrl+plus")
    hand.until(lambda: log.text.font().pointSizeF() > before, "larger text")
    hand.keys("ctrl+0")
    hand.until(lambda: log.text.font().pointSizeF() == before, "usual text")
    hand.click_tab(page.tabs.tabBar(), "Outputs")
    outputs = page.outputs
    assert isinstance(outputs, OutputsTab)
    hand.until(lambda: outputs.tree.topLevelItemCount() > 0, "the files")
    hand.click(outputs.tree.viewport(), outputs.tree.visualItemRect(outputs.tree.topLevelItem(0)).center())
    looked_at, kinds = set[str](), set[str]()
    files = sum(1 for _ in _items(outputs))
    for _ in range(files):
        hand.keys("Down")
        stage.calm()
        path = outputs.tree.path()
        if path and path not in looked_at:
            hand.until(lambda: outputs.preview.currentWidget() is not outputs.preview.loading, f"what is in {path}")
            looked_at.add(path)
            kinds.add(type(outputs.preview.currentWidget()).__name__)
    assert len(looked_at) >= 5, looked_at
    assert len(kinds) >= 3, kinds
    hand.click_tab(page.tabs.tabBar(), "Code")
    stage.calm()


def _items(outputs: OutputsTab):
    walk = QTreeWidgetItemIterator(outputs.tree)
    while walk.value() is not None:
        yield walk.value()
        walk += 1
