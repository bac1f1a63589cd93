"""Runs with long curves are compared at once: outlines first, all points where there is room or somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.ui.compare import curves as module
from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Bridge
from desktop_aml.workspace import Workspace

DEADLINE_MS = 30_000
COUNT = 3_000


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(module, "LONG", 2_500)
    made = Workspace.create(tmp_path / "ws", "test")
    with Database(tmp_path / "ws" / "desktop_aml.db", read_only=False) as db, db.transaction():
        for run_id in ("a", "b"):
            request = SubmitRun(run_id=run_id, experiment="e", script="s.py", environment="env", display_name=run_id)
            runs.insert(db, request, environment="env", version=None, seed=0, at=1.0)
            for name in ("long", "longer"):
                metrics.add_points(db, run_id, [(name, i, 1000.0 + i, float(i % 7)) for i in range(COUNT)])
            metrics.add_points(db, run_id, [("short", i, 1000.0 + i, 1.0) for i in range(5)])
    yield made
    made.close()


def opened(qtbot: QtBot, workspace: Workspace, bridge: Bridge) -> ComparePage:
    page = ComparePage(workspace, bridge, RUN_SEPARATOR.join("ab"))
    qtbot.addWidget(page)
    # Its tabs are made one after the other.
    qtbot.waitUntil(lambda: page.tabs.count() == 7, timeout=DEADLINE_MS)
    page.tabs.setCurrentWidget(page.plots)
    page.resize(900, 640)
    page.show()
    qtbot.waitUntil(lambda: len(page.plots.charts) == 3, timeout=DEADLINE_MS)
    return page


def whole(page: ComparePage, name: str) -> list[bool]:
    return [one.curve.is_whole() for one in page.plots.charts[name].curves]


def test_all_points_come_after_the_outlines_and_are_drawn(qtbot: QtBot, workspace: Workspace, bridge: Bridge):
    page = opened(qtbot, workspace, bridge)
    qtbot.waitUntil(lambda: whole(page, "long") == whole(page, "longer") == [True, True], timeout=DEADLINE_MS)
    chart = page.plots.charts["long"]
    assert [len(one.curve) for one in chart.curves] == [COUNT, COUNT]
    assert [reading.value for reading in chart.readings(1234.0)] == [1234 % 7] * 2
    assert page.plots.note.text() == ""


def test_beyond_what_is_held_outlines_stay_until_somebody_zooms_in(
    qtbot: QtBot, workspace: Workspace, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "HELD_AT_MOST", 2 * COUNT + 100)
    page = opened(qtbot, workspace, bridge)
    qtbot.waitUntil(lambda: "outline" in page.plots.note.text(), timeout=DEADLINE_MS)
    by_name = {name: whole(page, name) for name in ("short", "long", "longer")}
    assert by_name == {"short": [True, True], "long": [True, True], "longer": [False, False]}
    x, y = page.plots.charts["longer"].curves[0].curve.outline("step")
    assert (x[-1], np.nanmax(y), np.nanmin(y)) == (COUNT - 1, 6.0, 0.0)
    page.plots.charts["longer"].view_chosen.emit((100.0, 200.0))
    qtbot.waitUntil(lambda: whole(page, "longer") == [True, True], timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: page.plots.note.text() == "", timeout=DEADLINE_MS)
