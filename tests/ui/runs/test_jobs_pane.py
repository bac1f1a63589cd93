from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.events import (
    BuildProgressed,
    EngineChanged,
    Event,
    PreparationProgressed,
    RunDeleted,
    RunMoved,
    RunSubmitted,
    RunUpdated,
)
from desktop_aml.domain.runs import LogChunk, RunState, RunSummary
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.ui.runs.job_row import JobKey, JobRow
from desktop_aml.ui.runs.jobs_pane import ENDED_KEPT, JobsPane
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.session.engine_thread import EngineThread
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.settings_dialog import SettingsDialog
from desktop_aml.ui.shell.status import EngineLight
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.docker_engine import OWN_BASE


def summary(run_id: str, state: RunState = RunState.QUEUED) -> RunSummary:
    return RunSummary(run_id, 1, "iris", f"name-{run_id}", state, "train.py", "local", "this-python", 1.0, None, None)


class _Workspace:
    """The few calls of the façade that the pane makes, answered from memory."""

    def __init__(self) -> None:
        self.canceled: list[tuple[str, ...]] = []
        self.runs = self.environments = self.files = self
        self.printed = b""
        self.ended: dict[str, RunSummary] = {}
        self.was_read = threading.Semaphore(0)

    def active(self) -> tuple[RunSummary, ...]:
        found = (self.ended.get("old") or summary("old", RunState.RUNNING),)
        self.was_read.release()
        return found

    def get(self, run_id: str) -> SimpleNamespace:
        found = SimpleNamespace(summary=self.ended.get(run_id) or summary(run_id))
        self.was_read.release()
        return found

    def read_log(self, _run_id: str, _offset: int, _limit: int) -> LogChunk:
        return LogChunk(self.printed, len(self.printed), len(self.printed))

    def cancel(self, run_id: str) -> None:
        self.canceled.append(("run", run_id))

    def cancel_build(self, name: str, version: int) -> None:
        self.canceled.append(("build", name, str(version)))


@pytest.fixture
def space() -> _Workspace:
    return _Workspace()


@pytest.fixture
def pane(space: _Workspace, bridge: Bridge, qtbot: QtBot) -> JobsPane:
    made = JobsPane(space, bridge)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(900, 200)
    made.show()
    qtbot.waitUntil(lambda: len(made.rows()) == 1)
    assert space.was_read.acquire(timeout=10)
    return made


def test_runs_under_way_are_listed_at_the_start(pane: JobsPane) -> None:
    assert (pane.rows()[0].name.text(), pane.rows()[0].badge.state()) == ("name-old", "Running")


def test_a_new_run_comes_first_and_shows_how_far_it_is(pane: JobsPane, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.event_happened.emit(RunSubmitted("new", "iris"))
    qtbot.waitUntil(lambda: len(pane.rows()) == 2)
    row = pane.rows()[0]
    bridge.event_happened.emit(RunMoved("new", RunState.PREPARING, 2.0, 1))
    bridge.event_happened.emit(PreparationProgressed("new", "install", "Installing numpy", 0.25))
    assert (row.progress.value(), row.stage.text()) == (25, "Installing numpy")
    bridge.event_happened.emit(RunMoved("new", RunState.RUNNING, 3.0, 2))
    bridge.event_happened.emit(RunMoved("new", RunState.COMPLETED, 7.2, 3))
    assert (row.badge.state(), row.time.text(), row.cancel.isVisible()) == ("Completed", "4.2 s", False)


def test_the_bar_of_a_running_script_is_as_full_as_the_one_that_it_prints(
    pane: JobsPane, bridge: Bridge, space: _Workspace, qtbot: QtBot
) -> None:
    row = pane.rows()[0]
    assert row.progress.maximum() == 0
    space.printed = b"loading\xff\r 12%|#2        | 12/100\r 40%|####      | 40/100"
    qtbot.waitUntil(lambda: (row.progress.value(), row.progress.maximum()) == (40, 100))
    # News of the run, such as a metric, leave it as it is.
    pane._show_run(summary("old", RunState.RUNNING))
    assert (row.progress.value(), row.progress.maximum()) == (40, 100)
    space.printed += b"\r100%|##########| 100/100\nsaving\n"
    qtbot.waitUntil(lambda: row.progress.maximum() == 0)


def test_an_ended_run_shows_how_long_its_script_ran_as_its_page_does(
    pane: JobsPane, bridge: Bridge, space: _Workspace, qtbot: QtBot
) -> None:
    space.ended["old"] = replace(summary("old", RunState.COMPLETED), started_at=3.0, ended_at=13.0)
    bridge.event_happened.emit(RunMoved("old", RunState.RUNNING, 3.0, 2))
    # What it left took six seconds to take in.
    bridge.event_happened.emit(RunMoved("old", RunState.COMPLETED, 19.0, 3))
    qtbot.waitUntil(lambda: pane.rows()[0].time.text() == "0:10")


def end(space: _Workspace, bridge: Bridge, run_id: str) -> None:
    space.ended[run_id] = replace(summary(run_id, RunState.COMPLETED), started_at=3.0, ended_at=4.0)
    for number, state in enumerate((RunState.PREPARING, RunState.RUNNING, RunState.COMPLETED)):
        bridge.event_happened.emit(RunMoved(run_id, state, 2.0 + number, number))


@pytest.mark.parametrize(("event", "run_id"), [(RunSubmitted("new", "iris"), "new"), (RunUpdated("old"), "old")])
def test_what_was_read_before_a_run_ended_does_not_take_its_end_back(
    pane: JobsPane, bridge: Bridge, space: _Workspace, qtbot: QtBot, event: Event, run_id: str
) -> None:
    bridge.event_happened.emit(event)
    # The answer waits for this thread, which hears of the end first.
    assert space.was_read.acquire(timeout=10)
    end(space, bridge, run_id)
    qtbot.waitUntil(lambda: not bridge.is_busy())
    row = next(row for row in pane.rows() if row.job.key == run_id)
    assert (row.badge.state(), row.ended, row.time.text()) == ("Completed", True, "1.0 s")


def test_a_run_that_ends_while_the_pane_is_opened_is_shown_as_ended(
    bridge: Bridge, space: _Workspace, qtbot: QtBot
) -> None:
    pane = JobsPane(space, bridge)  # type: ignore[arg-type]
    qtbot.addWidget(pane)
    assert space.was_read.acquire(timeout=10)
    space.ended["old"] = summary("old", RunState.COMPLETED)
    bridge.event_happened.emit(RunMoved("old", RunState.COMPLETED, 4.0, 3))
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert [row.badge.state() for row in pane.rows()] == ["Completed"]


def test_a_run_that_is_deleted_while_it_is_read_is_not_listed(
    pane: JobsPane, bridge: Bridge, space: _Workspace, qtbot: QtBot
) -> None:
    bridge.event_happened.emit(RunSubmitted("new", "iris"))
    assert space.was_read.acquire(timeout=10)
    space.ended["new"] = replace(summary("new"), deleted_at=2.0)
    bridge.event_happened.emit(RunDeleted("new"))
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert [row.job.key for row in pane.rows()] == ["old"]


def test_cancel_reaches_runs_and_builds(pane: JobsPane, bridge: Bridge, space: _Workspace, qtbot: QtBot) -> None:
    bridge.event_happened.emit(BuildProgressed("sk", 4, BuildState.BUILDING, "resolve", "Resolving", 0.5))
    for row in pane.rows():
        row.cancel.click()
    qtbot.waitUntil(lambda: len(space.canceled) == 2)
    assert set(space.canceled) == {("run", "old"), ("build", "sk", "4")}


def test_a_click_opens_the_run(pane: JobsPane, bridge: Bridge, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bridge.destination_wanted) as wanted:
        qtbot.mouseClick(pane.rows()[0], Qt.MouseButton.LeftButton, pos=QPoint(300, 10))
    assert wanted.args is not None
    assert (wanted.args[0].kind, wanted.args[0].key) == ("run", "old")


def test_only_a_few_that_ended_stay_and_deleted_ones_go(pane: JobsPane, bridge: Bridge) -> None:
    for version in range(1, ENDED_KEPT + 4):
        bridge.event_happened.emit(BuildProgressed("sk", version, BuildState.BUILDING))
        bridge.event_happened.emit(BuildProgressed("sk", version, BuildState.READY))
    assert sum(row.ended for row in pane.rows()) == ENDED_KEPT
    bridge.event_happened.emit(RunDeleted("old"))
    assert "old" not in [row.job.key for row in pane.rows()]


@pytest.mark.parametrize("end", [BuildState.FAILED, BuildState.CANCELED, BuildState.NOT_BUILT, BuildState.READY])
def test_a_build_ends_with_its_clock_however_it_ends(pane: JobsPane, bridge: Bridge, end: BuildState) -> None:
    bridge.event_happened.emit(BuildProgressed("sk", 4, BuildState.BUILDING, "resolve", "Resolving", 0.5))
    [row] = [row for row in pane.rows() if row.job.key == "sk:4"]
    assert not row.ended
    bridge.event_happened.emit(BuildProgressed("sk", 4, end, message="Over"))
    assert row.ended
    assert not row.cancel.isVisibleTo(row)
    assert row.badge.state() == end
    bridge.event_happened.emit(BuildProgressed("other", 1, end))
    assert "other:1" not in [row.job.key for row in pane.rows()]


def test_the_engines_light_is_words_and_a_hint(qtbot: QtBot) -> None:
    light = EngineLight()
    qtbot.addWidget(light)
    event = EngineChanged("fault", "The disk is full.", "Free some space.")
    light.show_state(event.state, event.message, event.hint)
    assert light.text() == "Engine has a problem"
    assert light.toolTip() == "The disk is full.\nFree some space."


def test_settings_are_applied_and_saved_at_once(tmp_path: Path, qtbot: QtBot) -> None:
    limits: list[int] = []
    workspace = SimpleNamespace(set_run_limit=limits.append, apply_settings=lambda _: None, captures=lambda: True)
    session = SimpleNamespace(workspace=workspace)
    preferences = Preferences(tmp_path / "settings.json")
    dialog = SettingsDialog(preferences, session)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.limit.setValue(7)
    dialog.grace.setValue(3)
    saved = Preferences(tmp_path / "settings.json").value
    assert (limits, saved.max_concurrent_runs, saved.grace_s) == ([7], 7, 3)
    dialog.reset_button.click()
    assert preferences.value.max_concurrent_runs == 2


def test_ended_jobs_are_cleared_and_those_under_way_stay(pane: JobsPane, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.event_happened.emit(RunSubmitted("one", "iris"))
    bridge.event_happened.emit(RunSubmitted("two", "iris"))
    qtbot.waitUntil(lambda: len(pane.rows()) == 3)
    bridge.event_happened.emit(RunMoved("one", RunState.RUNNING, 1.0, 1))
    bridge.event_happened.emit(RunMoved("one", RunState.COMPLETED, 2.0, 2))
    one, old = JobKey("run", "one"), JobKey("run", "old")
    entries = {action.text(): action for action in pane.menu(old).actions()}
    assert entries["Cancel"].isEnabled()
    assert not entries["Remove from this list"].isEnabled()
    assert {action.text(): action for action in pane.menu(one).actions()}["Remove from this list"].isEnabled()
    entries["Clear ended jobs"].trigger()
    assert {row.job.key for row in pane.rows()} == {"old", "two"}


def test_a_job_is_opened_and_removed_by_keys(pane: JobsPane, bridge: Bridge, qtbot: QtBot) -> None:
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    (row,) = pane.rows()
    qtbot.keyClick(row, Qt.Key.Key_Delete)
    assert len(pane.rows()) == 1, "it goes on"
    qtbot.keyClick(row, Qt.Key.Key_Return)
    assert [(one.kind, one.key) for one in wanted] == [("run", "old")]
    bridge.event_happened.emit(RunMoved("old", RunState.FAILED, 2.0, 2))
    qtbot.keyClick(row, Qt.Key.Key_Delete)
    assert pane.is_empty()


# Images, on a real Docker engine.

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
