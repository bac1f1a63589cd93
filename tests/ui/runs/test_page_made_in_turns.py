"""A run's page is made in several turns of the window; what happens between them counts."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.events import MetricsLogged, RunUpdated
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunDetail
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a workspace with a run that waits."""
    workspace = Workspace.create(tmp_path / "ws", "test")
    with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="x")
        runs.insert(db, request, environment="x", version=None, seed=0, at=1.0)
    yield workspace
    workspace.close()


def test_numbers_that_arrive_while_the_page_is_made_are_shown(
    qtbot: QtBot, workspace: Workspace, bridge: Bridge
) -> None:
    page = RunPage(workspace, bridge, "r")
    qtbot.addWidget(page)
    assert page.detail is None, "the run is being read"
    bridge.event_happened.emit(MetricsLogged("r", (("loss", (Point(0, 1.0, 0, 0.0),)),)))
    qtbot.waitUntil(lambda: page.detail is not None, timeout=30_000)
    assert page.tabs.currentWidget() is page.metrics


def test_what_happened_while_a_reading_failed_is_read(
    qtbot: QtBot, workspace: Workspace, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = RunPage(workspace, bridge, "r")
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.detail is not None and not bridge.is_busy(), timeout=30_000)
    get, tries, failed = workspace.runs.get, itertools.count(), threading.Event()

    def get_at_the_second_try(run_id: str) -> RunDetail:
        if next(tries) == 0:
            failed.set()
            raise StorageError("The disk was gone for a moment.")
        return get(run_id)

    monkeypatch.setattr(workspace.runs, "get", get_at_the_second_try)
    bridge.event_happened.emit(RunUpdated("r"))
    assert failed.wait(10)
    with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        db.run("UPDATE run SET display_name = 'another' WHERE id = 'r'")
    bridge.event_happened.emit(RunUpdated("r"))
    qtbot.waitUntil(lambda: page.windowTitle() == "another")
