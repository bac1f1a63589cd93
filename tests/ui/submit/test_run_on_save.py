"""The switch that runs a script whenever it is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.events import RunMoved
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.submit.run_on_save import RunOnSave
from desktop_aml.ui.submit.script_reading import Reading
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace

DEADLINE_MS = 60_000


class Bench:
    """The switch beside a runner that begins what it is asked to, and says so when it is told."""

    def __init__(self, bridge: Bridge, parent: object) -> None:
        self.bridge, self.begun, self.can = bridge, 0, True
        self.switch = RunOnSave(bridge, lambda: self.can, self._begin, parent)
        self.switch.follow(possible=True)
        self.save("first")
        self.switch.setChecked(True)

    def _begin(self) -> None:
        self.begun += 1

    def save(self, digest: str, *, is_source: bool = True) -> None:
        self.switch.saw(Reading(ScriptArguments(is_source=is_source), digest=digest))

    def end(self, state: RunState = RunState.COMPLETED, *, early: bool = False) -> None:
        run_id = f"run{self.begun}"
        moved = RunMoved(run_id, state, 1.0, self.begun)
        if early:
            self.bridge.event_happened.emit(moved)
        assert self.switch.began(run_id)
        if not early:
            self.bridge.event_happened.emit(moved)


@pytest.fixture
def bench(bridge: Bridge, qtbot) -> Bench:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = Bench(bridge, parent)
    made.parent = parent
    return made


def test_each_new_text_begins_one_run_and_the_same_text_none(bench: Bench) -> None:
    bench.save("first")
    assert bench.begun == 0
    bench.save("second")
    bench.save("second")
    assert bench.begun == 1
    bench.end()
    assert bench.begun == 1


def test_what_is_empty_or_no_python_is_not_run(bench: Bench) -> None:
    bench.save("")
    bench.save("half", is_source=False)
    assert bench.begun == 0
    bench.save("whole")
    assert bench.begun == 1


def test_saves_during_a_run_become_one_run_after_it(bench: Bench) -> None:
    for digest in ("second", "third", "fourth"):
        bench.save(digest)
    assert bench.begun == 1
    bench.end()
    assert bench.begun == 2
    bench.end(early=True)
    assert bench.begun == 2


@pytest.mark.parametrize("early", [False, True])
def test_three_failures_in_a_row_switch_it_off_and_a_success_forgives(bench: Bench, early: bool) -> None:
    told: list[Message] = []
    bench.bridge.message_raised.connect(told.append)
    states = [RunState.FAILED, RunState.FAILED, RunState.COMPLETED, *[RunState.FAILED] * 3]
    for number, state in enumerate(states):
        assert bench.switch.isChecked()
        bench.save(f"text {number}")
        bench.end(state, early=early)
    assert not bench.switch.isChecked()
    bench.save("one more")
    assert bench.begun == len(states)
    assert "3 runs in a row failed" in told[-1].text
    told[-1].action[1]()
    assert bench.switch.isChecked()
    bench.save("and more")
    assert bench.begun == len(states) + 1


def test_another_script_begins_with_the_switch_off(bench: Bench) -> None:
    bench.switch.follow(possible=True)
    assert not bench.switch.isChecked()
    bench.save("of the other")
    bench.switch.setChecked(True)
    assert bench.begun == 0


def test_a_script_that_is_saved_in_an_editor_runs_with_its_new_text(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script("print('old')\n")
    runner.load_script(script)
    qtbot.waitUntil(lambda: runner.head.script == script and not bridge.is_busy(), timeout=DEADLINE_MS)
    assert runner.on_save.isVisibleTo(runner)
    runner.on_save.click()
    wanted = []
    bridge.destination_wanted.connect(wanted.append)
    # As editors do: another file takes the place of the old one.
    fresh = script.with_name("train.py.new")
    fresh.write_text("print('new')\n")
    fresh.replace(script)
    qtbot.waitUntil(lambda: bool(wanted), timeout=DEADLINE_MS)
    (destination,) = wanted
    assert (destination.kind, destination.preview) == ("run", True)
    ended = lambda: workspace.runs.get(destination.key).summary.state.is_terminal()  # noqa: E731
    qtbot.waitUntil(ended, timeout=DEADLINE_MS)
    assert workspace.runs.files.read_log(destination.key).data == b"new\n"
    script.touch()
    qtbot.wait(400)
    assert len(wanted) == 1, "the same text again"
