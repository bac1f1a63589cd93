"""Dockerfiles, built as they are, and images, used as they are."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildProgress, EnvironmentKind
from desktop_aml.domain.errors import BuildCanceled, PreparationError
from tests.docker_engine import OWN_BASE
from tests.environments.test_image_builder import Dock

DOCKERFILE, IMAGE = EnvironmentKind.DOCKERFILE, EnvironmentKind.IMAGE


@pytest.fixture
def dock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path, docker_host: str) -> Iterator[Dock]:
    made = Dock(tmp_path, monkeypatch, known_interpreters)
    yield made
    made.close()


def test_an_image_is_used_as_it_is_with_what_is_installed_in_it(dock: Dock):
    built = dock.make(OWN_BASE, IMAGE)
    assert built.image == dock.client.images.get(OWN_BASE).id
    assert built.python == "/usr/bin/python3.11"
    assert built.lock.version_of("pip")
    assert dict(built.base_env_vars or ())["LANG"] == "C.UTF-8"


def test_an_image_that_is_nowhere_is_named_with_what_to_do(dock: Dock):
    with pytest.raises(PreparationError) as raised:
        dock.make("127.0.0.1:9/nothing/here:1", IMAGE)
    assert "“127.0.0.1:9/nothing/here:1” is not on the Docker engine and cannot be fetched" in raised.value.message
    assert "docker login" in raised.value.hint


def test_a_dockerfile_is_built_once(dock: Dock):
    text = f"FROM {OWN_BASE}\nENV COLOUR=blue\nRUN echo made > /made\n"
    steps: list[BuildProgress] = []
    built = dock.make(text, DOCKERFILE, report=steps.append)
    assert (steps[-1].stage, steps[-1].fraction) == ("Ready", 1.0)
    assert dock.run(built, "import os; print(open('/made').read().strip(), os.environ['COLOUR'])") == "made blue"
    assert dict(built.base_env_vars or ())["COLOUR"] == "blue"
    steps.clear()
    assert dock.make(text, DOCKERFILE, report=steps.append) == built
    assert steps == []


def test_each_stage_of_a_dockerfile_is_found_again_but_no_word_inside_a_step_is_taken_for_one(dock: Dock):
    text = f"FROM {OWN_BASE} AS first\nRUN echo one > /one\nFROM {OWN_BASE}\nCOPY --from=first /one /two\n"
    text += "RUN echo 'SELECT * \\\nFROM somewhere' > /three\n"
    built = dock.make(text, DOCKERFILE)
    assert dock.run(built, "print(open('/two').read(), open('/three').read())").split()[-2:] == ["FROM", "somewhere"]
    built = dock.make(text.replace("/three", "/four"), DOCKERFILE)
    assert dock.unfinished() == []


def test_a_step_that_fails_is_named_with_its_line_and_its_last_words_and_leaves_nothing(dock: Dock):
    with pytest.raises(PreparationError) as raised:
        dock.make(f"FROM {OWN_BASE}\n\n# a comment\nRUN true && \\\n    (echo no such luck >&2; exit 7)\n", DOCKERFILE)
    assert raised.value.message.startswith("Line 4:")
    assert "exit code 7" in raised.value.message
    assert "no such luck" in raised.value.message
    assert dock.leftovers() == []


def test_an_image_without_python_says_so(dock: Dock):
    with pytest.raises(PreparationError, match="No Python answers"):
        dock.make("FROM scratch\nENV NOTHING=1\n", DOCKERFILE)


def test_a_cancelled_step_ends_at_once_and_leaves_nothing(dock: Dock):
    mark = str(random.Random().random())
    cancel = threading.Event()

    def report(step: BuildProgress) -> None:
        if mark in step.message:
            cancel.set()

    with pytest.raises(BuildCanceled):
        dock.make(f"FROM {OWN_BASE}\nRUN sleep 600; echo {mark}\n", DOCKERFILE, report=report, cancel=cancel)
    assert dock.leftovers() == []
