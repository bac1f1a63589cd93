"""The journey of the window: the real program on a real X server, with real mouse and keys."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.settings import user_directories
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.journeys.window_driver import Display, Window

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(300)]

RUN_BUTTON = (1110, 672)
SCRIPT = """
import time
from azureml.core.run import Run

run = Run.get_context()
for number in range(400):
    run.log("number", number)
    print(number, flush=True)
    time.sleep(0.005)
open("outputs/model.joblib", "w").write("m")
"""


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    made = Display.start()
    yield made
    made.stop()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "source" / "train.py"
    path.parent.mkdir()
    path.write_text(SCRIPT)
    return path


def opened(path: Path) -> Workspace:
    wait_until(lambda: (path / "desktop_aml.db").exists(), "the workspace to be made", 30)
    return Workspace.open(path)


def numbers(workspace: Workspace, run_id: str) -> list[object]:
    curves = workspace.runs.metrics(run_id).curves
    return [point.value for point in curves[0].points] if curves else []


def test_a_click_on_run_trains_the_script_and_shows_it_live(
    display: Display, script: Path, marked_processes: Callable[[], list[psutil.Process]], tmp_path: Path
) -> None:
    window = Window.open(display, str(script))
    workspace = opened(user_directories().data / "default-workspace")
    repeat_until(lambda: display.click(*RUN_BUTTON), lambda: count(workspace) > 0, "the click to submit a run")
    run_id = workspace.runs.find("latest")
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED
    assert numbers(workspace, run_id) == list(range(400))
    picture = display.picture(tmp_path / "window.png")
    assert picture.stat().st_size > 20_000
    assert window.close() == ""
    workspace.close()
    wait_until(lambda: not marked_processes(), "every process to be gone", 10)


def count(workspace: Workspace) -> int:
    return sum(workspace.runs.state_counts().values())


def repeat_until(act: Callable[[], object], condition: Callable[[], bool], what: str) -> None:
    """Act, and again only when nothing came of it for a while: the window may not have been ready to hear it."""
    for _ in range(6):
        act()
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.02)
    pytest.fail(f"Waited in vain: {what}")


def test_f5_runs_and_a_killed_window_loses_and_doubles_nothing(
    display: Display, script: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    """Kill the window at random moments of a run; open it again: the run went on, nothing is doubled."""
    choice = random.Random(7)
    place = user_directories().data / "default-workspace"
    window = Window.open(display, str(script))
    workspace = opened(place)
    for round_number in range(6):
        before = count(workspace)
        repeat_until(
            lambda window=window: window.keys("F5"),
            lambda before=before: count(workspace) > before,
            "F5 to submit a run",
        )
        time.sleep(choice.uniform(0.0, 1.5))
        window.kill()
        run_id = workspace.runs.find("latest")
        window = Window.open(display, str(script))
        wait_until(
            lambda: all(run.state.is_terminal() for run in workspace.runs.list()),
            f"the end of the runs of round {round_number}",
        )
        for run in workspace.runs.list():
            assert run.state is RunState.COMPLETED
            assert numbers(workspace, run.id) == list(range(400))
        assert workspace.runs.files.read_log(run_id).data.decode().split() == [str(number) for number in range(400)]
    assert window.close() == ""
    workspace.close()
    wait_until(lambda: not marked_processes(), "every process to be gone", 10)


def test_closing_the_window_leaves_its_run_alone(
    display: Display, script: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    window = Window.open(display, str(script))
    workspace = opened(user_directories().data / "default-workspace")
    repeat_until(lambda: window.keys("F5"), lambda: count(workspace) > 0, "F5 to submit a run")
    run_id = workspace.runs.find("latest")
    # The first close says that runs go on; Enter on “Close window” confirms it.
    window.keys("ctrl+q")
    wait_until(lambda: window.process.poll() is not None or window.press("Return"), "the window to close", 20)
    window.process.communicate(timeout=10)
    assert window.process.returncode == 0
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED
    assert numbers(workspace, run_id) == list(range(400))
    workspace.close()
    wait_until(lambda: not marked_processes(), "every process to be gone", 15)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_systems_end_closes_the_window_as_a_person_would(display: Display, script: Path, number: int) -> None:
    window = Window.open(display, str(script))
    window.process.send_signal(number)
    assert window.process.communicate(timeout=20)[1] == b""
    assert window.process.returncode == 0
    assert (user_directories().state / "layout.ini").read_text().count("geometry") == 1
