"""Datasets in the window: registered by a drop, looked at, compared, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from desktop_aml.ui.browser.contents import read_contents
from desktop_aml.ui.datasets.columns import bars
from desktop_aml.ui.datasets.list_page import DatasetsPage
from desktop_aml.ui.datasets.page import DatasetPage
from desktop_aml.ui.datasets.register_dialog import RegisterDataDialog, name_after
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.widgets.drop import DropKind, act_on, classify
from desktop_aml.workspace import Workspace

DEADLINE_MS = 30_000


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "workspace", "test") as made:
        made.start_engine()
        yield made


def rows_file(tmp_path: Path, last: str = "9,blue") -> Path:
    path = tmp_path / "my rows.csv"
    path.write_text("size,colour\n1,red\n2,red\n,green\n" + last + "\n")
    return path


def texts(table: object, column: int) -> list[str]:
    return [table.topLevelItem(row).text(column) for row in range(table.topLevelItemCount())]  # type: ignore[attr-defined]


def test_a_data_file_is_registered_and_its_page_opens(
    qtbot: QtBot, space: Workspace, bridge: Bridge, tmp_path: Path
) -> None:
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    page = DatasetsPage(space, bridge)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty, timeout=DEADLINE_MS)
    dialog = RegisterDataDialog(space, bridge, page, paths=[rows_file(tmp_path)])
    assert dialog.name.text() == "my-rows"
    dialog.register_button.click()
    qtbot.waitUntil(lambda: bool(wanted), timeout=DEADLINE_MS)
    assert wanted == [Destination("dataset", "my-rows")]
    page.refresh()
    qtbot.waitUntil(lambda: texts(page.table, 0) == ["my-rows"], timeout=DEADLINE_MS)
    page.stack.search.setText("no such thing")
    assert page.stack.currentWidget() is page.stack.nothing
    page.stack.nothing.button.click()
    assert page.stack.currentWidget() is page.table
    group = next(one for one in read_contents(space, ()) if one.key == "datasets")
    assert [(one.kind, one.key, one.note) for one in group.children] == [("dataset", "my-rows", "v1")]


def test_a_name_that_is_refused_is_said_in_the_dialog(
    qtbot: QtBot, space: Workspace, bridge: Bridge, tmp_path: Path
) -> None:
    dialog = RegisterDataDialog(space, bridge, paths=[rows_file(tmp_path)], name="a/b")
    qtbot.addWidget(dialog)
    dialog.register_button.click()
    qtbot.waitUntil(lambda: bool(dialog.error.message.text()), timeout=DEADLINE_MS)
    assert dialog.register_button.isEnabled()
    assert name_after(Path("/x/Ünïcode (1).csv")) == "n-code-1"
    assert name_after(Path("/x/....csv")) == "data"


def test_a_dataset_shows_its_files_columns_and_what_changed(
    qtbot: QtBot, space: Workspace, bridge: Bridge, tmp_path: Path
) -> None:
    path = rows_file(tmp_path)
    space.datasets.register_files([path], name="rows")
    page = DatasetPage(space, bridge, "rows")
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: texts(page.files, 3) == ["As it was"], timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: page.preview.currentWidget() is page.preview.table, timeout=DEADLINE_MS)
    page.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: texts(page.columns, 0) == ["size", "colour"], timeout=DEADLINE_MS)
    assert page.column_words.text() == "4 rows, 2 columns"
    assert texts(page.columns, 3) == ["1", "0"]
    assert not page.columns.topLevelItem(0).icon(2).isNull()
    assert "red (2)" in texts(page.columns, 2)[1]
    page.tabs.setCurrentIndex(2)
    assert page.change_words.text() == "There is only one version."

    other = tmp_path / "new"
    other.mkdir()
    space.datasets.register_files([rows_file(other, "20,blue")], name="rows")
    page._version = 0
    page.refresh()
    qtbot.waitUntil(lambda: "Rows: 4 before, 4 after" in page.change_words.text(), timeout=DEADLINE_MS)
    assert "Changed" in page.change_words.text()
    assert ("size", "Greatest", "9", "20") in zip(*(texts(page.changes, column) for column in range(4)), strict=True)
    # The older version's file is changed on the disk: that is said, and the columns are not compared with what it was.
    path.write_text("size\n7\n")
    page.version.set_value(1)
    page.version.activated.emit(1)
    qtbot.waitUntil(lambda: texts(page.files, 3) == ["Changed or gone"], timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: "Columns are not compared" in page.change_words.text(), timeout=DEADLINE_MS)


def test_the_runs_that_used_a_version_are_listed(
    qtbot: QtBot, space: Workspace, bridge: Bridge, tmp_path: Path
) -> None:
    data, source = rows_file(tmp_path), tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text(f"print(open({str(data)!r}).read())\n")
    space.datasets.register_files([data], name="rows")
    run_id = space.runs.submit(source / "train.py")
    space.runs.wait(run_id, timeout_s=60)
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    page = DatasetPage(space, bridge, "rows:1")
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=DEADLINE_MS)

    def is_listed() -> bool:
        page.refresh()
        qtbot.wait(100)
        return page.users.topLevelItemCount() == 1

    qtbot.waitUntil(is_listed, timeout=DEADLINE_MS)
    page.users.open_wanted.emit(page.users.keys()[0])
    assert wanted == [Destination("run", run_id)]


def test_a_dataset_is_forgotten_after_a_question_and_its_files_stay(
    qtbot: QtBot, space: Workspace, bridge: Bridge, tmp_path: Path
) -> None:
    path = rows_file(tmp_path)
    space.datasets.register_files([path], name="rows")
    page = DatasetPage(space, bridge, "rows")
    qtbot.addWidget(page)
    page.show()
    page.ask_to_forget()
    question = page.findChild(QMessageBox)
    next(button for button in question.buttons() if button.text() == "Forget").click()
    qtbot.waitUntil(lambda: space.datasets.list() == (), timeout=DEADLINE_MS)
    assert path.is_file()


def test_dropped_data_asks_to_be_registered(bridge: Bridge, tmp_path: Path) -> None:
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    (tmp_path / "parts").mkdir()
    files = [tmp_path / "parts" / name for name in ("a.csv", "b.csv")]
    for file in files:
        file.write_text("x\n1\n")
    for paths in (files[:1], files, [tmp_path / "parts"]):
        drop = classify(paths)
        assert drop.kind is DropKind.DATA
        act_on(drop, bridge)
    assert [one.kind for one in wanted] == ["import_data"] * 3
    assert wanted[1].key.split("\0") == [str(file) for file in files]
    assert classify([*files, tmp_path / "train.py"]).kind is DropKind.REFUSED


def test_a_part_of_a_histogram_that_holds_anything_is_drawn(qapp: QApplication) -> None:
    image = bars((1000, 1, 0)).pixmap(80, 18).toImage()
    row = image.height() - 1
    drawn = [image.pixelColor(round(image.width() * at), row).alpha() > 0 for at in (0.1, 0.5, 0.9)]
    assert drawn == [True, True, False]
