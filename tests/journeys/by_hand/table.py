"""The runs table shows what differs, and whatever is done in it can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint

from desktop_aml.ui.runs.list_page import RunsPage
from tests.journeys.by_hand.stage import Stage


def _page(stage: Stage) -> RunsPage:
    page = stage.open("runs")
    assert isinstance(page, RunsPage)
    stage.hand.until(lambda: page.table.rowCount() == 30, "the runs")
    return page


def _titles(page: RunsPage) -> list[str]:
    columns = page.table.shown_columns
    names = {column.key: column.title for column in columns}
    return [names[key] for key in page.list.shown_keys()]


def columns(stage: Stage) -> None:
    """What differs is shown; others are chosen, moved and sorted by."""
    hand, page = stage.hand, _page(stage)
    shown = _titles(page)
    assert {"lr", "depth", "kernel", "seed"} <= set(shown)
    assert not {"Script", "Environment", "owner"} & set(shown)
    hand.click(page.columns_button)
    hand.choose("max val/loss")
    assert "max val/loss" in _titles(page)
    hand.click(page.columns_button)
    hand.choose("git.branch")
    assert "git.branch" in _titles(page), "a property that is the same everywhere is shown when it is chosen"
    header = page.list.horizontalHeader()
    number = [column.title for column in page.table.shown_columns].index("seed")
    page.list.scrollTo(page.table.index(0, number))
    middle = QPoint(header.sectionViewportPosition(number) + header.sectionSize(number) // 2, header.height() // 2)
    left = page.list.horizontalScrollBar().value()
    for first in ("29", "0"):
        hand.click(header.viewport(), middle)
        hand.until(lambda: page.table.query.order_by == "parameter:seed", "the order")
        assert page.list.horizontalScrollBar().value() == left, "the columns stay where they were"
        hand.until(lambda first=first: page.table.run_at(0).parameters.get("seed") == first, f"seed {first} on top")
    assert page.list.frozen_name.width() > 0, "the name stays in view"
    hand.click(page.columns_button)
    hand.choose("Reset columns")
    assert _titles(page) == shown


def search(stage: Stage) -> None:
    """One search: it completes names, compares, and marks what it cannot read in place."""
    hand, page = stage.hand, _page(stage)
    hand.keys("ctrl+f")
    hand.until(page.search.hasFocus, "the search to have the keyboard")
    hand.type("kern")
    hand.until(page.search.names_list.isVisible, "names to be offered")
    hand.keys("Down", "Return")
    assert "kernel" in page.search.text()
    hand.type(" = rbf and train/loss <")
    hand.until(page.search_error.isVisible, "what is wrong")
    hand.type(" 9")
    hand.until(lambda: not page.search_error.isVisible() and page.table.rowCount() < 30, "the runs with rbf")
    hand.keys("ctrl+a", "Delete")
    hand.until(lambda: page.table.rowCount() == 30, "all runs")


def acts(stage: Stage) -> None:
    """Rename, star, tag, archive and delete, of one and of several, each taken back by Ctrl+Z."""
    hand, page, runs = stage.hand, _page(stage), stage.workspace.runs
    chosen = [page.table.run_at(row).id for row in (2, 3, 4)]

    def undo(condition: Callable[[], bool], what: str) -> None:
        hand.until(stage.can_undo, f"the offer of {what}")
        hand.keys("ctrl+z")
        hand.until(condition, what)
        stage.window.messages.close_all()

    hand.click_cell(page.list, 2, 1)
    before = runs.get(chosen[0]).summary.display_name
    hand.keys("F2", "ctrl+a")
    hand.type("by hand")
    hand.keys("Return")
    hand.until(lambda: runs.get(chosen[0]).summary.display_name == "by hand", "the name")
    undo(lambda: runs.get(chosen[0]).summary.display_name == before, "the name before")
    hand.click_cell(page.list, 2, 1)
    hand.click_cell(page.list, 4, 1, key="shift")
    hand.click_cell(page.list, 3, 1, button=3)
    hand.choose("Tag…")
    stage.answer("picked=yes")
    hand.until(lambda: all(runs.get(one).tags.get("picked") == "yes" for one in chosen), "three tags")
    undo(lambda: not any("picked" in runs.get(one).tags for one in chosen), "no tags")
    for entry, is_done in (
        ("Star", lambda run: run.starred),
        ("Archive", lambda run: run.archived_at is not None),
        ("Delete", lambda run: run.deleted_at is not None),
    ):
        hand.click_cell(page.list, 2, 1)
        hand.click_cell(page.list, 4, 1, key="shift")
        hand.click_cell(page.list, 3, 1, button=3)
        hand.choose(entry)
        hand.until(lambda done=is_done: all(done(runs.get(one).summary) for one in chosen), entry)
        undo(lambda done=is_done: not any(done(runs.get(one).summary) for one in chosen), f"{entry} undone")
        hand.until(lambda: page.table.rowCount() == 30, "the runs again")


def groups_and_views(stage: Stage) -> None:
    """Groups fold to one line; a view is saved by name and comes back."""
    hand, page = stage.hand, _page(stage)
    hand.click(page.more_button)
    hand.choose("Group by", "kernel")
    hand.until(lambda: page.table.rowCount() == 3, "three groups")
    assert "±" in "".join(map(page.table.row(0).text, range(len(page.table.shown_columns))))
    hand.click_cell(page.list, 0, 1)
    hand.keys("Return")
    hand.until(lambda: page.table.rowCount() == 13, "the runs of a group")
    hand.click(page.more_button)
    hand.choose("Save view…")
    stage.answer("by kernel")
    hand.click(page.more_button)
    hand.choose("Group by", "Nothing")
    hand.until(lambda: page.table.rowCount() == 30, "no groups")
    hand.click(page.more_button)
    hand.choose("by kernel")
    hand.until(lambda: page.table.query.group_by == "parameter:kernel" and page.table.rowCount() < 30, "the view")
    hand.click(page.more_button)
    hand.choose("Remove view", "by kernel")
    hand.until(lambda: page.more.views.names() == [], "no view")
    hand.keys("ctrl+z")
    hand.until(lambda: page.more.views.names() == ["by kernel"], "the view again")
