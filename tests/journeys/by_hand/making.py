"""What is made ready for runs: arguments in the script runner, environments; and the registry of what came of them."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from desktop_aml.ui.environments.editor import EnvironmentEditor
from desktop_aml.ui.environments.list_page import EnvironmentsPage
from desktop_aml.ui.models.page import ModelPage
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.submit.script_runner import ScriptRunner
from tests.journeys.by_hand.stage import Stage


def arguments(stage: Stage) -> None:
    """Values are filled in and taken back; environment, target and the command line are in sight."""
    hand, window = stage.hand, stage.window
    window.go_to(Destination("script", str(stage.seeded.script)))
    assert window.docks is not None
    runner = window.docks.pane("runner")
    assert isinstance(runner, ScriptRunner)
    hand.until(lambda: "--lr" in runner.form.fields and runner.form.isVisible(), "the form")
    stage.calm()
    assert not runner.what_runs.where.visibleRegion().isEmpty()
    assert "This computer" in runner.what_runs.where.text(), "environment and target are in sight"
    if runner.form.argv():
        hand.click(runner.form._reset)
    hand.until(lambda: not runner.form.argv(), "the defaults")

    def fill_in() -> None:
        hand.click(next(one for one in runner.form.fields["--lr"].findChildren(QLineEdit) if one.isVisible()))
        hand.keys("ctrl+a")
        hand.type("0.25")

    hand.repeat(fill_in, lambda: runner.form.argv() == ("--lr", "0.25"), "the value")
    hand.until(lambda: "--lr 0.25" in runner.what_runs.command.text(), "the command line")
    hand.click(runner.form._reset)
    hand.until(lambda: not runner.form.argv(), "the defaults again")


def environments(stage: Stage) -> None:
    """Search, delete with undo, use in the runner; a new one completes names and survives the closing of its tab."""
    hand, page = stage.hand, stage.open("environments")
    assert isinstance(page, EnvironmentsPage)
    hand.until(lambda: page.table.topLevelItemCount() > 4, "the environments")
    hand.keys("ctrl+f")
    hand.until(page.stack.search.hasFocus, "the search")
    hand.type("vision")
    hand.until(lambda: page.table.keys() == ["vision"], "one environment")
    row = page.table.visualItemRect(next(one for one in _rows(page) if not one.isHidden())).center()
    hand.click(page.table.viewport(), row, button=3)
    hand.choose("Use in the script runner")
    hand.click(page.table.viewport(), row, button=3)
    hand.choose("Delete")
    hand.until(lambda: page.trash_button.isVisible() and stage.can_undo(), "it to be in the trash")
    hand.keys("ctrl+z")
    hand.until(lambda: page.table.keys() == ["vision"], "it to be back")
    hand.click(page.stack.search)
    hand.keys("ctrl+a", "Delete")
    hand.click(page.new_button)
    editor = stage.find(EnvironmentEditor)
    hand.until(editor.head.name.isVisible, "the new environment")
    hand.click(editor.head.name)
    hand.type("by-hand")
    hand.click(editor.text.viewport())
    hand.keys("ctrl+End", "Return")
    hand.type("  - panda")
    hand.until(editor.text.completions.popup.isVisible, "names to be offered")
    hand.keys("Escape")
    hand.keys("ctrl+w")
    hand.until(lambda: not stage.window.findChildren(EnvironmentEditor), "the tab to be closed")
    stage.window.go_to(Destination("environment", ""))
    again = stage.find(EnvironmentEditor)
    hand.until(lambda: "panda" in again.text.toPlainText(), "the draft")


def _rows(page: EnvironmentsPage):
    return [page.table.topLevelItem(number) for number in range(page.table.topLevelItemCount())]


def registry(stage: Stage) -> None:
    """Models, datasets, computes and endpoints have pages, reached from the tree and their lists by keys alone."""
    hand = stage.hand
    for kind, name in (("models", "churn-classifier"), ("datasets", "customers"), ("endpoints", "churn-canary")):
        page = stage.open(kind)
        table = page.table  # type: ignore[attr-defined]
        hand.until(lambda table=table: table.topLevelItemCount() > 0 and table.hasFocus(), f"the keyboard in {kind}")
        hand.keys("Home")
        for _ in range(table.keys().index(name)):
            hand.keys("Down")
        hand.keys("Return")
        hand.until(
            lambda name=name: stage.window.tabs.destination() and stage.window.tabs.destination().key == name, name
        )
        stage.calm()
        if kind == "models":
            shown = stage.window.tabs.currentWidget()
            assert isinstance(shown, ModelPage)
            hand.click(shown.edit_button)
            hand.choose("Description…")
            stage.answer("said by hand")
            hand.until(lambda: _described(stage) == "said by hand" and stage.can_undo(), "the description")
            hand.keys("ctrl+z")
            hand.until(lambda: _described(stage) != "said by hand", "the description before")
    page = stage.open("computes")
    hand.keys("Home", "Return")
    hand.until(lambda: stage.window.tabs.destination().kind == "compute", "the page of a compute")


def _described(stage: Stage) -> str:
    return stage.workspace.models.get("churn-classifier").description
