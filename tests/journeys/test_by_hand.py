"""What a person does in every pane, with a real mouse and real keys: one window, and a process of its own for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.by_hand.journeys import JOURNEYS
from tests.journeys.window_driver import Display

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def make() -> Iterator[Callable[[str], str]]:
    """Return what makes the journey of a name, and says how it went."""
    display = Display.start()
    environment = {**os.environ, "DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.by_hand"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as window:
        assert window.stdin is not None
        assert window.stdout is not None
        assert window.stdout.readline() == "ready\n"

        def asked(name: str) -> str:
            print(name, file=window.stdin, flush=True)
            return window.stdout.readline().strip().encode().decode("unicode_escape")

        yield asked
    display.stop()


@pytest.mark.parametrize("name", JOURNEYS)
def test_what_a_person_does_in_the_window_is_done_and_undone(make: Callable[[str], str], name: str) -> None:
    assert make(name) == "well"
