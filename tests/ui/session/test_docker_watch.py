"""Docker is looked at again whenever something may have become of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.events import BuildProgressed, EndpointChanged, RunMoved
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.targets import RunTarget
from desktop_aml.ui.session import docker_watch
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.docker_watch import DockerWatch
from desktop_aml.ui.shell.status import DockerLight
from desktop_aml.ui.widgets.target_field import TargetField
from desktop_aml.workspace.run_targets import run_targets

ON = (RunTarget("local"), RunTarget("docker"))
OFF = (RunTarget("local"), RunTarget("docker", "No Docker engine answers.", "Start it."))


class Engine:
    """A Docker engine that lives or not, as `Workspace.targets` finds it; `gate` holds its answers back."""

    def __init__(self) -> None:
        self.is_alive = True
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()
        self.threads: set[int] = set()

    def targets(self) -> tuple[RunTarget, ...]:
        self.asked += 1
        self.threads.add(threading.get_ident())
        self.gate.wait(30)
        return ON if self.is_alive else OFF


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def light(engine: Engine, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[DockerLight]:
    """The light of the status bar after the first look, which found the engine alive."""
    monkeypatch.setattr(docker_watch, "FIRST_LOOK_MS", 0)
    monkeypatch.setattr(docker_watch, "_SOON_MS", 1)
    made = DockerLight()
    qtbot.addWidget(made)
    bridge.targets_seen.connect(made.show_targets)
    watch = DockerWatch(SimpleNamespace(computes=engine), bridge, made)
    qtbot.waitUntil(lambda: made.text() == "Docker ready")
    yield made
    engine.gate.set()
    watch.deleteLater()


@pytest.mark.parametrize(
    "happen",
    [
        lambda bridge: bridge.event_happened.emit(RunMoved("r", RunState.FAILED, 1.0, 1)),
        lambda bridge: bridge.event_happened.emit(BuildProgressed("e", 1, BuildState.FAILED, message="no")),
        lambda bridge: bridge.event_happened.emit(BuildProgressed("e", 1, BuildState.NOT_BUILT, message="no engine")),
        lambda bridge: bridge.event_happened.emit(EndpointChanged("e", EndpointState.UNHEALTHY)),
        lambda bridge: bridge.tell("The image could not be built.", "error"),
        lambda _: QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive),
    ],
)
def test_a_failure_turns_the_light_of_a_dead_engine_off(
    light: DockerLight, engine: Engine, bridge: Bridge, qtbot: QtBot, happen: Callable[[Bridge], None]
):
    engine.is_alive = False
    happen(bridge)
    qtbot.waitUntil(lambda: light.text() == "Docker: off (why?)")
    engine.is_alive = True
    happen(bridge)
    qtbot.waitUntil(lambda: light.text() == "Docker ready")


def test_an_engine_that_comes_back_is_found_without_any_event(
    light: DockerLight, engine: Engine, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(docker_watch, "_OFTEN_MS", 5)
    engine.is_alive = False
    bridge.tell("Something failed.", "error")
    qtbot.waitUntil(lambda: light.text() == "Docker: off (why?)")
    engine.is_alive = True
    qtbot.waitUntil(lambda: light.text() == "Docker ready")


def test_many_failures_during_one_question_are_one_more_question(
    light: DockerLight, engine: Engine, bridge: Bridge, qtbot: QtBot
):
    before = engine.asked
    engine.gate.clear()
    bridge.tell("First.", "error")
    qtbot.waitUntil(lambda: engine.asked == before + 1)
    for number in range(20):
        bridge.event_happened.emit(RunMoved(f"r{number}", RunState.FAILED, 1.0, 1))
    engine.is_alive = False
    engine.gate.set()
    qtbot.waitUntil(lambda: engine.asked == before + 2)
    qtbot.waitUntil(lambda: light.text() == "Docker: off (why?)")
    assert threading.get_ident() not in engine.threads


def test_an_unchanged_answer_leaves_an_open_list_alone(qtbot: QtBot):
    field = TargetField()
    qtbot.addWidget(field)
    field.show_targets(ON)
    with qtbot.assertNotEmitted(field.changed):
        field.show_targets(ON)


def test_the_light_follows_a_real_engine_that_stops_and_comes_back(
    docker_host: str, tmp_path: Path, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The engine stays for others: its socket is reached by a name that comes and goes.
    name = tmp_path / "docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{name}")
    monkeypatch.setattr(docker_watch, "FIRST_LOOK_MS", 0)
    monkeypatch.setattr(docker_watch, "_SOON_MS", 1)
    engine = Path(docker_host.removeprefix("unix://"))
    name.symlink_to(engine)
    made = DockerLight()
    qtbot.addWidget(made)
    bridge.targets_seen.connect(made.show_targets)
    watch = DockerWatch(SimpleNamespace(computes=SimpleNamespace(targets=run_targets)), bridge, made)

    def wait_for(words: str) -> None:
        qtbot.waitUntil(lambda: made.text().startswith(words), timeout=20_000)

    wait_for("Docker ready")
    name.unlink()
    bridge.event_happened.emit(RunMoved("r", RunState.FAILED, 1.0, 1))
    wait_for("Docker: off")
    name.symlink_to(engine)
    bridge.event_happened.emit(RunMoved("r", RunState.FAILED, 1.0, 1))
    wait_for("Docker ready")
    # Killed, an engine leaves a socket at which nobody answers.
    name.unlink()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(name))
    bridge.tell("The image could not be built.", "error")
    wait_for("Docker: off")
    watch.deleteLater()
    qtbot.waitUntil(lambda: not bridge.is_busy())
