"""A file is dragged from another program's window and let go over ours, with the real mouse; then it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.journeys.test_window import opened
from tests.journeys.window_driver import Display, Window

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(120)]

SOURCE = Path(__file__).with_name("drag_source.py")
PLACE = (600, 10)
MIDDLE = (600, 400)


@pytest.fixture
def display() -> Iterator[Display]:
    made = Display.start()
    yield made
    made.stop()


@contextmanager
def dragged(display: Display, *files: Path) -> Iterator[None]:
    """Drag files over the window and let them go; their program stays, as whoever takes them asks it for more."""
    environment = {**os.environ, "DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}
    words = [sys.executable, str(SOURCE), *map(str, PLACE), *map(str, files)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as source:
        assert source.stdout is not None
        assert source.stdout.readline() == "ready\n"
        x, y = PLACE[0] + 20, PLACE[1] + 10
        display.xdotool("mousemove", str(x), str(y), "sleep", "0.2", "mousedown", "1")
        steps = [word for n in range(1, 11) for word in ("mousemove", str(x - n), str(y + n * 38), "sleep", "0.05")]
        try:
            display.xdotool(*steps, "sleep", "0.2", "mouseup", "1")
            yield
        finally:
            source.terminate()


def test_a_script_that_is_dropped_on_the_window_runs_at_f5(display: Display, tmp_path: Path) -> None:
    script = tmp_path / "source" / "dropped.py"
    script.parent.mkdir()
    script.write_text("print('dropped and run')\n")
    Workspace.create(tmp_path / "workspace", "test").close()
    window = Window.open(display, str(tmp_path / "workspace"))
    try:
        workspace = opened(tmp_path / "workspace")
        with dragged(display, script):
            # The form is made from the script first; a key that comes before finds nothing to run.
            wait_until(lambda: window.keys("F5") or workspace.runs.list(), "a run", 60)
        run = workspace.runs.list()[0]
        wait_until(lambda: workspace.runs.get(run.id).summary.state is RunState.COMPLETED, "the run", 60)
        assert run.script == "dropped.py"
        workspace.close()
    finally:
        window.close()
