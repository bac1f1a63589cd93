"""A run's page is made in several turns of the window; what happens between them counts."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop_aml.domain.events import MetricsLogged
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace


def test_numbers_that_arrive_while_the_page_is_made_are_shown(qtbot: QtBot, tmp_path: Path, bridge: Bridge) -> None:
    workspace = Workspace.create(tmp_path / "ws", "test")
    with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="x")
        runs.insert(db, request, environment="x", version=None, seed=0, at=1.0)
    page = RunPage(workspace, bridge, "r")
    qtbot.addWidget(page)
    assert page.detail is None, "the run is being read"
    bridge.event_happened.emit(MetricsLogged("r", (("loss", (Point(0, 1.0, 0, 0.0),)),)))
    qtbot.waitUntil(lambda: page.detail is not None, timeout=30_000)
    assert page.tabs.currentWidget() is page.metrics
    workspace.close()
