"""One connection to a Docker engine serves everybody who asks, and none is left open."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from desktop_aml import docker_access
from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.executors.docker_engine import DockerEngine, inspect

if TYPE_CHECKING:
    from docker import DockerClient


class Connection:
    """A connection that knows whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Connections:
    """Stands for the Docker engine's door: opens when it is told to, and remembers whom it let in."""

    def __init__(self) -> None:
        self.made: list[Connection] = []
        self.somebody_knocks = threading.Event()
        self.another_knocks = threading.Event()
        self.opens = threading.Event()

    def connect(self, wanted: str, *, timeout_s: float) -> Connection:
        (self.another_knocks if self.somebody_knocks.is_set() else self.somebody_knocks).set()
        assert self.opens.wait(timeout_s)
        self.made.append(Connection())
        return self.made[-1]


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Connections:
    made = Connections()
    monkeypatch.setattr(docker_access, "connect", made.connect)
    return made


def test_two_who_ask_at_once_have_one_connection(door: Connections) -> None:
    engine = DockerEngine()
    askers = [threading.Thread(target=engine.client) for _ in range(2)]
    for asker in askers:
        asker.start()
    assert door.somebody_knocks.wait(10)
    # Nothing can show that the other one never knocks; a moment is enough for one that would.
    door.another_knocks.wait(0.05)
    door.opens.set()
    for asker in askers:
        asker.join()
    engine.close()
    assert [one.is_closed for one in door.made] == [True]


def test_a_connection_that_failed_takes_no_newer_one_with_it(door: Connections) -> None:
    door.opens.set()
    engine = DockerEngine()
    seen: list[object] = []

    def fail(client: object) -> None:
        seen.append(client)
        if len(seen) == 1:
            # Meanwhile another thread's question fails, too, and a third one connects anew.
            with pytest.raises(MissingOnComputer):
                engine.ask(fail)
            seen.append(engine.client())
        raise ConnectionError("gone")

    with pytest.raises(MissingOnComputer):
        engine.ask(fail)
    assert engine.client() is seen[-1]
    engine.close()
    assert [one.is_closed for one in door.made] == [True, True]


@pytest.mark.parametrize(
    ("told", "meant"), [("running", "running"), ("exited", "exited"), ("stopped", "exited"), ("initialized", "created")]
)
def test_the_states_that_podman_names_are_those_of_docker(told: str, meant: str) -> None:
    api = SimpleNamespace(
        inspect_container=lambda _: {"State": {"Status": told, "ExitCode": 3}}, logs=lambda _, **__: b"last\n"
    )
    state = inspect("one", cast("DockerClient", SimpleNamespace(api=api)))
    assert state is not None
    assert (state.status, state.is_over(), state.exit_code) == (meant, meant == "exited", 3)
