"""An hour without a stumble: pages, panes, layouts, the palette, help and the size of text, by keys."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QDialog, QTabWidget

from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.shell.help.window import HelpWindow
from desktop_aml.ui.shell.palette import CommandPalette
from desktop_aml.ui.shell.spaces.new_dialog import NewWorkspaceDialog
from tests.journeys.by_hand.stage import Stage


def _palette(stage: Stage, words: str) -> None:
    stage.hand.keys("ctrl+shift+p")
    palette = stage.find(CommandPalette)
    stage.hand.until(palette.field.hasFocus, "the palette")
    stage.hand.type(words)
    stage.hand.keys("Return")
    stage.hand.until(lambda: not stage.window.findChildren(CommandPalette), "the palette to go")


def pages_and_panes(stage: Stage) -> None:
    """Ctrl+Tab turns pages, the list has all, Ctrl+W closes; a layout is kept by name and comes back."""
    hand, window = stage.hand, stage.window
    stage.open("models")
    for kind in ("datasets", "environments"):
        window.go_to(Destination(kind))
    stage.calm()
    front = lambda: window.tabs.destination().kind  # noqa: E731
    hand.keys("ctrl+Tab")
    hand.until(lambda: front() == "models", "the next page")
    hand.keys("ctrl+shift+Tab")
    hand.until(lambda: front() == "environments", "the page before")
    hand.keys("ctrl+shift+e")
    hand.choose("Datasets")
    hand.until(lambda: front() == "datasets", "the page from the list")
    hand.keys("ctrl+w")
    hand.until(lambda: window.tabs.count() == 2, "two pages")
    assert window.docks is not None
    jobs = window.docks.pane("jobs").parentWidget()
    hand.keys("ctrl+3")
    hand.until(jobs.isHidden, "the jobs to go")
    _palette(stage, "save layout")
    stage.answer("without jobs")
    hand.until(stage.can_undo, "the layout to be kept")
    hand.keys("ctrl+3")
    hand.until(jobs.isVisible, "the jobs")
    _palette(stage, "layouts without jobs")
    hand.until(jobs.isHidden, "the layout")
    _palette(stage, "reset layout")
    hand.until(jobs.isVisible, "the layout of the start")
    hand.keys("F6")
    hand.until(lambda: QApplication.focusWidget() is not None, "the keyboard in a pane")


def help_and_size(stage: Stage) -> None:
    """F1 and the sheet of shortcuts inside the program, larger text, a new workspace asked for by name and place."""
    hand, window = stage.hand, stage.window
    stage.open("models")
    size = QApplication.font().pointSizeF()
    hand.keys("ctrl+plus")
    hand.until(lambda: QApplication.font().pointSizeF() > size, "larger text")
    hand.keys("ctrl+minus")
    hand.until(lambda: QApplication.font().pointSizeF() == size, "the size before")
    hand.keys("F1")
    shown = hand.until(lambda: next((w for w in QApplication.topLevelWidgets() if isinstance(w, HelpWindow)), None), "")
    hand.until(shown.isVisible, "the help")
    hand.focus(shown)
    hand.keys("Escape")
    hand.until(lambda: not shown.isVisible(), "the help to go")
    hand.focus(window)
    hand.keys("ctrl+slash")
    hand.until(shown.isVisible, "the sheet of shortcuts")
    assert shown.findChild(QTabWidget).currentIndex() == 1
    hand.focus(shown)
    hand.keys("Escape")
    hand.focus(window)
    hand.keys("ctrl+shift+n")
    dialog: QDialog = stage.find(NewWorkspaceDialog)
    hand.focus(dialog)
    hand.keys("ctrl+a")
    hand.type("by hand")
    hand.until(lambda: "by hand" in dialog.result_line.text(), "where it will be")  # type: ignore[attr-defined]
    hand.keys("Escape")
    hand.focus(window)
