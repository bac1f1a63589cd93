"""Dockerfiles, built as they are, and images, used as they are."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from docker.errors import APIError
from docker.models.images import ImageCollection

from desktop_aml.domain.environments import BuildProgress, EnvironmentKind
from desktop_aml.domain.errors import BuildCanceled, PreparationError
from desktop_aml.environments.image import buildkit
from desktop_aml.environments.spec.files import read_spec_file
from tests.conftest import wait_until
from tests.docker_engine import OWN_BASE
from tests.environments.image.test_builder import Dock

DOCKERFILE, IMAGE = EnvironmentKind.DOCKERFILE, EnvironmentKind.IMAGE


@pytest.fixture(params=["BuildKit", "classic"])
def dock(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    known_interpreters: Path,
    docker_host: str,
) -> Iterator[Dock]:
    made = Dock(tmp_path, monkeypatch, known_interpreters)
    if request.param == "classic":
        hide_command_line(monkeypatch)
    yield made
    made.close()


@pytest.fixture
def buildkit_dock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path, docker_host: str) -> Dock:
    return Dock(tmp_path, monkeypatch, known_interpreters)


def hide_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody find Docker's command line."""
    monkeypatch.setattr(os, "get_exec_path", lambda: ["/nowhere"])


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


# BuildKit


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("# syntax=docker/dockerfile:1", "# syntax=docker/dockerfile:1"),
        ("FROM x\nRUN --mount=type=cache,target=/c true", "RUN --mount"),
        ("FROM x\nrun --network=none true", "run --network"),
        ("FROM x\nCOPY --chmod=755 --from=a /b /c", "COPY --chmod"),
        ("FROM x\nCOPY --from=a --link /b /c", "COPY --from=a --link"),
        ("FROM x\nRUN <<EOF\ntrue\nEOF", "RUN <<EOF"),
    ],
)
def test_what_only_buildkit_understands_is_seen(line: str, what: str) -> None:
    found = buildkit.why_needed(line)
    assert found == (len(line.splitlines()) if "<<" not in line else 2, what)


@pytest.mark.parametrize("text", ["FROM x\n# syntax=y\n", "FROM x\nRUN echo --mount\nCOPY --from=a /b /c\n"])
def test_what_every_builder_understands_is_not_taken_for_buildkits(text: str) -> None:
    assert buildkit.why_needed(text) is None


def test_a_command_line_without_its_plugin_is_passed_over_and_podman_is_not_asked_for_buildkit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = []
    for number, (version, plugin) in enumerate([("28.2.2", "exit 1"), ("20.10.24", "exit 1"), ("28.2.2", "echo v0.1")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        program = folder / "docker"
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "Docker version {version}, build x" && exit\n{plugin}\n'
        )
        program.chmod(0o755)
        programs.append(program)
    monkeypatch.setenv("PATH", ":".join(str(program.parent) for program in programs))
    client = type("Client", (), {"version": lambda _: {"ApiVersion": "1.41"}})()
    assert buildkit.command_for(client) == str(programs[1])
    programs[1].unlink()
    assert buildkit.command_for(client) == str(programs[2])
    older = type("Client", (), {"version": lambda _: {"ApiVersion": "1.38"}})()
    assert buildkit.command_for(older) is None
    told = {"ApiVersion": "1.41", "Components": [{"Name": "Podman Engine", "Version": "4.3.1"}, {"Name": "Conmon"}]}
    podman = type("Client", (), {"version": lambda _: told})()
    assert buildkit.command_for(podman) is None


def test_the_log_says_which_builder_it_was(dock: Dock, request: pytest.FixtureRequest) -> None:
    dock.make(f"FROM {OWN_BASE}\nENV BUILT_BY={request.node.name.replace('[', '-').replace(']', '')}\n", DOCKERFILE)
    wanted = "classic builder" if "classic" in request.node.name else "BuildKit, through "
    assert f"The image is built by {wanted}" in dock.log.read_text().replace("the Docker engine's ", "")


def test_a_step_with_a_mount_is_built_by_buildkit(buildkit_dock: Dock) -> None:
    text = f"FROM {OWN_BASE}\nRUN --mount=type=tmpfs,target=/scratch touch /scratch/a && ls /scratch > /seen\n"
    built = buildkit_dock.make(text, DOCKERFILE)
    assert buildkit_dock.run(built, "import os; print(open('/seen').read().strip(), os.listdir('/scratch'))") == "a []"
    buildkit_dock.close()


def test_without_buildkit_such_a_step_is_refused_with_its_line_and_what_is_missing(
    buildkit_dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_command_line(monkeypatch)
    with pytest.raises(PreparationError) as raised:
        buildkit_dock.make(f"FROM {OWN_BASE}\n\nRUN --mount=type=tmpfs,target=/scratch true\n", DOCKERFILE)
    assert raised.value.message.startswith("Line 3: “RUN --mount” needs BuildKit")
    assert "buildx" in raised.value.hint
    assert buildkit_dock.leftovers() == []
    buildkit_dock.close()


@pytest.mark.kill
def test_a_build_by_buildkit_ends_with_the_program_that_asked_for_it(buildkit_dock: Dock, docker_host: str) -> None:
    mark = f"sleep 61{random.Random().randrange(1000):03}"
    code = (
        "import sys, threading, pathlib\nfrom desktop_aml.environments.image.engine import ImageEngine\n"
        "from desktop_aml.environments.toolchain.builder import Watch\n"
        "from desktop_aml.environments.image.user_image import GivenImages\n"
        "from desktop_aml.environments.spec import parsing as spec\n"
        "from desktop_aml.domain.environments import EnvironmentKind\n"
        "watch = Watch(lambda _: None, threading.Event(), pathlib.Path(sys.argv[2]))\n"
        "text = spec.parse(sys.argv[3], EnvironmentKind.DOCKERFILE)\n"
        "GivenImages(ImageEngine(pathlib.Path(sys.argv[1]))).make_ready(text, watch)\n"
    )
    dock = buildkit_dock
    words = [sys.executable, "-c", code, str(dock.builds), str(dock.log), f"FROM {OWN_BASE}\nRUN {mark}\n"]
    with subprocess.Popen(words) as asking:
        wait_until(lambda: running(mark), "the step")
        asking.send_signal(signal.SIGKILL)
    wait_until(lambda: not running(mark), "the end of the step")
    dock.service().sweep()
    assert dock.leftovers() == []
    dock.close()


def running(words: str) -> bool:
    """Whether a step with these words runs in the engine: its processes are seen from here."""
    found = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return any(" ".join(command) == words for command in found)


def test_a_dockerfile_is_built_with_the_files_that_it_copies_from_its_folder(dock: Dock, tmp_path: Path):
    folder = tmp_path / "image"
    (folder / "tools").mkdir(parents=True)
    (folder / "words.txt").write_bytes(b"a\nb")
    (folder / "tools" / "hello.sh").write_text("#!/bin/sh\necho hello\n")
    (folder / "tools" / "hello.sh").chmod(0o755)
    (folder / "Dockerfile").write_text(
        f"FROM {OWN_BASE}\nCOPY words.txt /opt/kept/\nCOPY tools /opt/kept/tools\n"
        'RUN test "$(/opt/kept/tools/hello.sh) $(cat /opt/kept/words.txt | wc -c)" = "hello 3"\n'
    )
    text, kind = read_spec_file(folder / "Dockerfile")
    assert dock.make(text, kind).image


def test_a_build_goes_on_while_somebody_else_has_the_engine_prune(dock: Dock, monkeypatch: pytest.MonkeyPatch):
    busy = requests.Response()
    busy.status_code = 409
    answers = [APIError("Conflict", busy, "a prune operation is already running")]
    prune = ImageCollection.prune

    def once_busy(images: ImageCollection, filters: object = None) -> object:
        if answers:
            raise answers.pop()
        return prune(images, filters)

    monkeypatch.setattr(ImageCollection, "prune", once_busy)
    assert dock.make(f"FROM {OWN_BASE}\nLABEL of=pruned\n", DOCKERFILE).image
    assert answers == []
