"""Runs are kept in order in the window: stars, archive, trash, moves, words; for all selected, and undone by Ctrl+Z."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox, QPushButton

from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.list_page import RunsPage
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.shell.messages import MessageCard
from desktop_aml.workspace import Workspace

NAMES = ["run 2", "run 1", "run 0"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("acts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKTOP_AML_HOME", str(folder / "home"))
        workspace = Workspace.create(folder / "ws")
        workspace.start_engine()
        script = folder / "source" / "train.py"
        script.parent.mkdir()
        script.write_text("open('outputs/made.bin', 'wb').write(bytes(20_000))\n")
        for number in range(3):
            run_id = workspace.runs.submit(script, arguments=["--C", str(number)], display_name=f"run {number}")
            workspace.runs.wait(run_id, timeout_s=60)
        yield workspace
        workspace.close()


class Seen:
    """A page over the workspace, with what it told, and what waits for it."""

    def __init__(self, qtbot, page: RunsPage, bridge: Bridge, workspace: Workspace) -> None:
        self.qtbot, self.page, self.workspace = qtbot, page, workspace
        self.told: list[Message] = []
        bridge.message_raised.connect(self.told.append)

    def names(self) -> list[str]:
        self.page.table.apply()
        self.qtbot.waitUntil(lambda: not self.page._bridge.is_busy())
        table = self.page.table
        return [table.run_at(row).display_name for row in range(table.rowCount())]

    def entry(self, words: str) -> QAction:
        return next(action for action in self.page.menu().actions() if action.text() == words)

    def after(self, act: Callable[[], object]) -> Message:
        count = len(self.told)
        act()
        self.qtbot.waitUntil(lambda: len(self.told) > count)
        return self.told[-1]

    def answer(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.page.findChild(QInputDialog, "text_question") is not None)
        box = self.page.findChild(QInputDialog, "text_question")
        box.setTextValue(text)
        box.accept()

    def undo(self) -> None:
        assert self.after(
            lambda: self.qtbot.keyClick(self.page.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        )


@pytest.fixture
def seen(qtbot, qapp: QApplication, made: Workspace) -> Iterator[Seen]:
    theme.apply(qapp, "light")
    bridge = Bridge()
    # The workspace is made once: what one test searched for, the next one does not find again.
    QSettings(str(made.path / "window.ini"), QSettings.Format.IniFormat).clear()
    page = RunsPage(made, bridge)
    qtbot.addWidget(page)
    page.resize(900, 500)
    page.show()
    qtbot.waitUntil(lambda: page.table.rowCount() == len(NAMES) and not bridge.is_busy())
    yield Seen(qtbot, page, bridge, made)
    bridge.close()


def test_all_selected_runs_are_deleted_at_once_and_come_back_by_ctrl_z(seen: Seen) -> None:
    seen.page.list.selectAll()
    message = seen.after(lambda: seen.qtbot.keyClick(seen.page.list, Qt.Key.Key_Delete))
    assert message.text == "3 runs in the trash."
    assert seen.names() == []
    seen.undo()
    assert seen.names() == NAMES


def test_the_undo_of_a_message_undoes_its_own_act(qtbot, seen: Seen) -> None:
    seen.page.list.selectRow(0)
    starred = seen.after(seen.entry("Star").trigger)
    assert seen.page.table.query.shelf is Shelf.ACTIVE
    archived = seen.after(seen.entry("Archive").trigger)
    assert seen.names() == NAMES[1:]
    card = MessageCard(archived)
    qtbot.addWidget(card)
    button = next(one for one in card.findChildren(QPushButton) if one.text() == "Undo")
    seen.after(button.click)
    assert seen.names() == NAMES
    assert seen.workspace.runs.get("run 2").summary.starred
    assert seen.page.table.row(0).text(1) == "★ run 2"
    assert starred.action is not None
    seen.after(starred.action[1])
    assert not seen.workspace.runs.get("run 2").summary.starred


def test_what_has_a_star_is_left_out_of_a_deletion_and_told(seen: Seen) -> None:
    seen.page.list.selectRow(0)
    seen.after(seen.entry("Star").trigger)
    seen.names()
    seen.page.list.selectAll()
    message = seen.after(seen.page.delete_selected)
    assert (message.text, message.hint[:15]) == ("2 runs in the trash.", "1 run left out:")
    assert seen.names() == NAMES[:1]
    seen.undo()
    seen.undo()
    assert seen.names() == NAMES
    assert not seen.workspace.runs.get("run 2").summary.starred


def test_tags_notes_moves_and_names_are_asked_for_and_undone(seen: Seen) -> None:
    seen.page.list.selectAll()
    before = {name: seen.workspace.runs.get(name) for name in NAMES}
    for words, text in (("Tag…", "stage = try"), ("Note…", "two\nlines"), ("Move to experiment…", "moved to")):
        seen.entry(words).trigger()
        seen.after(lambda text=text: seen.answer(text))
    seen.page.list.selectRow(0)
    seen.after(lambda: seen.page.table.setData(seen.page.table.index(0, 1), "better"))
    ids = [run.summary.id for run in before.values()]
    after = [seen.workspace.runs.get(run_id) for run_id in ids]
    assert [run.tags for run in after] == [{"stage": "try"}] * 3
    assert [run.description for run in after] == ["two\nlines"] * 3
    assert {run.summary.experiment for run in after} == {"moved to"}
    assert after[0].summary.display_name == "better"
    for _ in range(4):
        seen.undo()
    again = [seen.workspace.runs.get(run_id) for run_id in ids]
    assert [(run.tags, run.description, run.summary.display_name) for run in again] == [
        ({}, "", name) for name in NAMES
    ]
    assert [run.summary.experiment for run in again] == [run.summary.experiment for run in before.values()]


def test_the_trash_is_shown_and_emptied_after_a_question_that_says_how_much(seen: Seen, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("open('outputs/made.bin', 'wb').write(bytes(90_000))\n")
    run_id = seen.workspace.runs.submit(script, display_name="to go")
    seen.workspace.runs.wait(run_id, timeout_s=60)
    seen.workspace.runs.organise.delete([run_id])
    show = next(one for one in seen.page.more.menu().actions() if one.text() == "Show the trash")
    show.trigger()
    seen.qtbot.waitUntil(lambda: seen.page.table.rowCount() == 1)
    assert seen.page.heading.text() == "All runs: trash"
    seen.page.list.selectRow(0)
    assert [one.isEnabled() for one in (seen.entry("Restore"), seen.entry("Remove for good…"))] == [True, True]
    next(one for one in seen.page.more.menu().actions() if one.text() == "Empty the trash…").trigger()
    seen.qtbot.waitUntil(lambda: seen.page.findChild(QMessageBox, "confirm") is not None)
    box = seen.page.findChild(QMessageBox, "confirm")
    assert "become free" in box.informativeText()
    assert (seen.workspace.path / "runs" / run_id).exists()
    next(button for button in box.buttons() if button.text() == "Remove").click()
    seen.qtbot.waitUntil(lambda: not (seen.workspace.path / "runs" / run_id).exists())
    assert seen.names() == []
    assert seen.page.stack.currentWidget().label.text() == "The trash is empty."
    seen.page.nothing.pressed.emit()
    assert seen.names() == NAMES


def test_a_saved_view_brings_back_its_search_order_and_columns(seen: Seen) -> None:
    page = seen.page
    page.search.setText("C > 0")
    seen.qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    page.list.hide_column("target", hidden=False)
    page.table.sort([one.key for one in page.table.shown_columns].index("display_name"))
    page.more.save_view("best ones")
    page.show_all()
    page.list.reset_columns()
    seen.qtbot.waitUntil(lambda: page.table.rowCount() == 3)
    next(one for one in page.more.menu().actions() if one.text() == "best ones").trigger()
    seen.qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    assert page.search.text() == "C > 0"
    assert (page.table.query.order_by, page.table.query.search) == ("display_name", "C > 0")
    assert "target" in page.list.shown_keys()
    page.more.remove_view("best ones")
    assert page.more.views.names() == []
    seen.told[-1].action[1]()
    assert page.more.views.names() == ["best ones"]
    page.more.remove_view("best ones")
    assert page.more.views.names() == []


def test_what_is_shown_is_exported_as_csv_with_all_digits(seen: Seen, tmp_path: Path) -> None:
    seen.page.search.setText("C >= 1")
    seen.qtbot.waitUntil(lambda: seen.page.table.rowCount() == 2)
    keys = seen.page.list.shown_keys()
    message = seen.after(lambda: seen.page.more.export(tmp_path / "runs.csv"))
    assert message.text.startswith("2 runs are in")
    head, *lines = (tmp_path / "runs.csv").read_text().splitlines()
    assert len(head.split(",")) == len(keys)
    assert [line.split(",")[keys.index("display_name")] for line in lines] == NAMES[:2]
