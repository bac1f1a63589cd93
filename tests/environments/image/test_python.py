"""The question to an image is answered, whatever sweeps the engine meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from desktop_aml import docker_access
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.image.engine import Image, ImageEngine
from desktop_aml.environments.image.python import LOCK_LABEL, QUESTION_LABEL
from tests.docker_engine import OWN_BASE


class Asked:
    """An engine of a builds folder, and the base image to ask."""

    def __init__(self, builds: Path) -> None:
        self.client: docker.DockerClient = docker_access.connect()
        self.engine = ImageEngine(builds)
        self.image = self.engine.look(OWN_BASE) or Image("", ())
        self.label = {QUESTION_LABEL: self.engine._owner}

    def python(self) -> str:
        return self.engine.python_of(self.image, OWN_BASE).path

    def containers(self) -> list[str]:
        wanted = {"label": f"{QUESTION_LABEL}={self.engine._owner}"}
        return [one["Id"] for one in self.client.api.containers(all=True, filters=wanted)]


@pytest.fixture
def asked(docker_host: str, tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path / "builds")
    yield made
    assert made.containers() == []
    assert list(made.engine.memory.glob("asking-*")) == []
    made.client.close()


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Container], object]], None]:
    """Return what has something else happen just before the first call of a method of a container."""

    def at(name: str, act: Callable[[Container], object]) -> None:
        real, done = getattr(Container, name), []

        def called(self: Container, *words: Any, **more: Any) -> object:
            if not done:
                done.append(act(self))
            return real(self, *words, **more)

        monkeypatch.setattr(Container, name, called)

    return at


@pytest.mark.parametrize("moment", ["start", "wait", "logs"])
def test_a_question_is_no_leftover_while_somebody_waits_for_its_answer(
    asked: Asked, before: Callable[..., None], moment: str
) -> None:
    before(moment, lambda _: ImageEngine(asked.engine.memory.parent).sweep())
    assert asked.python() == "/usr/bin/python3.11"


@pytest.mark.parametrize("moment", ["start", "wait", "logs", "remove"])
def test_a_container_that_is_taken_away_says_nothing_of_the_image(
    asked: Asked, before: Callable[..., None], moment: str
) -> None:
    before(moment, lambda one: asked.client.api.remove_container(one.id, force=True))
    assert asked.python() == "/usr/bin/python3.11"


def test_an_image_without_the_program_is_not_asked_for_ever(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_aml.environments.image.python._ASK", "import nothing_of_that_name")
    with pytest.raises(PreparationError, match="No Python answers"):
        asked.python()


@pytest.mark.parametrize("labels", [{}, {LOCK_LABEL: "asking-of-a-dead-one.lock"}, {LOCK_LABEL: "../images"}])
def test_a_question_of_somebody_who_died_is_removed(asked: Asked, labels: dict[str, str]) -> None:
    asked.engine.memory.mkdir(parents=True)
    (asked.engine.memory / "asking-of-a-dead-one.lock").touch()
    asked.client.containers.create(OWN_BASE, labels={**asked.label, **labels})
    asked.engine.sweep()
    assert asked.containers() == []
    assert asked.engine.memory.is_dir()
    (asked.engine.memory / "asking-of-a-dead-one.lock").unlink(missing_ok=True)
