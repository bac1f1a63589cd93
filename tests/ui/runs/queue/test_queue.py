"""The queue in the window: reordered by drag, also when it is very long, paused, and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from desktop_aml.domain.organising.queue import QueuedRun
from desktop_aml.ui.runs.queue.dialog import QueueDialog
from desktop_aml.ui.runs.queue.model import QueueModel
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


def queued(count: int) -> tuple[QueuedRun, ...]:
    return tuple(QueuedRun(f"r{number}", f"name {number}", "iris", "local", 0) for number in range(count))


def drop(model: QueueModel, rows: tuple[int, ...], row: int, onto: int | None = None) -> None:
    """What Qt does when rows are let go of between two others, or upon one."""
    data = model.mimeData([model.index(one, 0) for one in rows])
    parent = QModelIndex() if onto is None else model.index(onto, 0)
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, parent)


@pytest.mark.parametrize(
    ("rows", "row", "onto", "order", "before"),
    [
        ((3,), 0, None, "r3 r0 r1 r2 r4", "r0"),
        ((0,), 3, None, "r1 r2 r0 r3 r4", "r3"),
        ((1,), 5, None, "r0 r2 r3 r4 r1", ""),
        ((4,), -1, 1, "r0 r4 r1 r2 r3", "r1"),
        ((0, 3), 2, None, "r1 r0 r3 r2 r4", "r2"),
        ((1, 2), 4, None, "r0 r3 r1 r2 r4", "r4"),
        ((0, 2), 2, None, "r1 r0 r2 r3 r4", "r3"),
        ((2,), -1, None, "r0 r1 r3 r4 r2", ""),
    ],
)
def test_rows_that_are_dropped_stand_where_they_were_let_go_of(
    qtbot: QtBot, rows: tuple[int, ...], row: int, onto: int | None, order: str, before: str
) -> None:
    model = QueueModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.fill(queued(5))
    wanted: list[tuple[list[str], str]] = []
    model.move_wanted.connect(lambda ids, other: wanted.append((ids, other)))
    drop(model, rows, -1 if onto is not None else row, onto)
    assert " ".join(model.run_at(at).id for at in range(5)) == order
    assert wanted == [([f"r{one}" for one in rows], before)]


@pytest.mark.parametrize(("rows", "row"), [((1,), 1), ((1,), 2), ((1, 2), 2)])
def test_rows_that_stay_where_they_are_ask_for_nothing(qtbot: QtBot, rows: tuple[int, ...], row: int) -> None:
    model = QueueModel()
    model.fill(queued(5))
    model.move_wanted.connect(lambda *_: pytest.fail("nothing was moved"))
    drop(model, rows, row)
    assert [model.run_at(at).id for at in range(5)] == ["r0", "r1", "r2", "r3", "r4"]


@pytest.fixture
def space(tmp_path: Path, write_script: Callable[..., Path]) -> Iterator[Workspace]:
    """A workspace whose queue is paused, with three runs in it."""
    with Workspace.create(tmp_path / "workspace", "test") as made:
        made.start_engine()
        made.runs.queue.pause()
        script = write_script("pass")
        for name in ("first", "second", "third"):
            made.runs.submit(script, display_name=name)
        yield made


def shown(dialog: QueueDialog) -> list[str]:
    return [dialog.model.run_at(row).name for row in range(dialog.model.rowCount())]


def kept(space: Workspace) -> list[str]:
    return [run.name for run in space.runs.queue.listed()]


def test_the_queue_is_reordered_from_the_window_and_says_why_it_waits(
    qtbot: QtBot, space: Workspace, bridge: Bridge
) -> None:
    dialog = QueueDialog(space, bridge)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: shown(dialog) == ["first", "second", "third"])
    assert dialog.table.dragDropMode() is QAbstractItemView.DragDropMode.InternalMove
    qtbot.waitUntil(lambda: "first: The queue is paused" in dialog.words.text())
    drop(dialog.model, (2,), 0)
    wait_until(lambda: kept(space) == ["third", "first", "second"], "the new order")
    dialog.table.setCurrentIndex(dialog.model.index(2, 0))
    qtbot.waitUntil(lambda: "second: The queue is paused" in dialog.words.text())
    qtbot.keyClick(dialog, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    wait_until(lambda: kept(space) == ["third", "second", "first"], "the order by keys")
    dialog.first_button.click()
    wait_until(lambda: kept(space) == ["second", "third", "first"], "the chosen one to be next")
    qtbot.waitUntil(lambda: shown(dialog) == kept(space))
    assert dialog.pause_button.text() == "Resume"
