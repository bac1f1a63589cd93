"""What Jobs shows of an image that is being built ends with whatever ends the build, on a real Docker engine."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.ui.runs.jobs_pane import JobKey, JobRow, JobsPane
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.engine_thread import EngineThread
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.docker_engine import OWN_BASE

DEADLINE_MS = 60_000


class Site:
    """A workspace with one image that is built for ever, and the window's Jobs of it."""

    def __init__(self, folder: Path, bridge: Bridge, qtbot: QtBot) -> None:
        self.workspace = Workspace.create(folder / "workspace")
        self.mark = f"made-{random.Random().random()}"
        self.script = folder / "source" / "train.py"
        self.script.parent.mkdir()
        self.script.write_text("print(1)\n")
        self._bridge, self._qtbot = bridge, qtbot
        self.pane = JobsPane(self.workspace, bridge)
        qtbot.addWidget(self.pane)
        self._thread: EngineThread | None = None

    def host(self) -> None:
        """Let the window's engine work, as when the window opens."""
        self._thread = EngineThread(self.workspace.host_engine)
        self._thread.event_happened.connect(self._bridge.event_happened)
        self._thread.start()

    def submit(self) -> str:
        """Ask for a run in the image, once somebody owns the workspace."""
        wait_until(lambda: owner_of(self.workspace.path / "engine.lock") is not None, "an engine")
        self.workspace.environments.register("slow", f"FROM {OWN_BASE}\nRUN echo {self.mark}; sleep 600\n")
        return self.workspace.runs.submit(self.script, environment="slow", target="docker")

    def until_built(self) -> None:
        """Wait until Docker carries out the step that does not end."""
        log = self.workspace.path / "environments/slow/1/image-build.log"
        wait_until(lambda: log.exists() and f"\n{self.mark}" in log.read_text("utf-8", "replace").replace(" ", "\n"))

    def row(self, kind: str, key: str) -> JobRow:
        """Return the row of a job once there is one."""
        job = JobKey(kind, key)
        found = lambda: [row for row in self.pane.rows() if row.job == job]  # noqa: E731 - asked again and again
        self._qtbot.waitUntil(lambda: bool(found()), timeout=DEADLINE_MS)
        return found()[0]

    def until_ended(self, row: JobRow, *states: str) -> None:
        """Wait until a row says one of the states, has no clock that goes on and nothing to cancel."""
        self._qtbot.waitUntil(lambda: row.ended, timeout=DEADLINE_MS)
        assert row.badge.state() in states
        assert row.cancel.isHidden()

    def close(self) -> None:
        if self._thread is not None:
            assert self._thread.stop(30_000)
        self.workspace.leave_work()
        self.workspace.close()


@pytest.fixture
def site(tmp_path: Path, docker_host: str, marked_processes: object, bridge: Bridge, qtbot: QtBot) -> Iterator[Site]:
    made = Site(tmp_path, bridge, qtbot)
    yield made
    made.close()


def test_the_row_of_an_image_ends_with_the_run_that_is_canceled(site: Site) -> None:
    site.host()
    run_id = site.submit()
    build, run = site.row("build", "slow:1"), site.row("run", run_id)
    site.until_built()
    assert (build.badge.state(), build.ended) == (BuildState.BUILDING, False)
    site.pane.cancel(run.job)
    site.until_ended(run, RunState.CANCELED)
    site.until_ended(build, BuildState.CANCELED)


def test_the_row_of_an_image_whose_engine_was_killed_ends_in_the_next_window(site: Site) -> None:
    words = [sys.executable, "-m", "desktop_aml", "engine", "-w", str(site.workspace.path)]
    engine = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run_id = site.submit()
    site.until_built()
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()
    assert site.workspace.runs.get(run_id).summary.state is RunState.PREPARING, "nobody saw its end"
    site.host()
    # The run is taken up again, and with it its build; what ends it now ends both rows.
    build, run = site.row("build", "slow:1"), site.row("run", run_id)
    site.pane.cancel(build.job)
    site.until_ended(build, BuildState.CANCELED)
    site.until_ended(run, RunState.CANCELED, RunState.FAILED)
    assert site.workspace.environments.summary("slow").state is not BuildState.BUILDING
