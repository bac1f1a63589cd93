"""Images of environments, on a real Docker engine: what they hold, what refuses them, and what an end leaves behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import (
    BuildPlace,
    BuildProgress,
    BuiltEnvironment,
    EnvironmentKind,
    PythonPinPolicy,
)
from desktop_aml.domain.errors import BuildCanceled, DesktopAMLError, MissingOnComputer, PreparationError
from desktop_aml.environments.image import context as image_context
from desktop_aml.environments.service import BuilderService
from tests.contracts.yards import ImageYard
from tests.docker_engine import BASE_IMAGE, OWN_BASE, start_daemon
from tests.environments.spec.test_parsing import SEED

CHECKOUT = Path(__file__).parents[2]
DEADLINE_S = 60.0
NO_PYTHON_3_6 = "this computer has no Python 3.6 to put into a base image"


class Dock(ImageYard):
    """A service on an index and folders of its own, and the tests' Docker engine."""

    def service(self, base_image: str = BASE_IMAGE) -> BuilderService:
        return BuilderService(self.builds, PythonPinPolicy.SAME_MINOR, base_image)

    def make(
        self, text: str = "", kind: EnvironmentKind = EnvironmentKind.CONDA, **options: object
    ) -> BuiltEnvironment:
        given = {"report": lambda _: None, "cancel": threading.Event(), "log_path": self.log, **options}
        return self.service().make_ready(kind, text or self.text, place=BuildPlace.IMAGE, **given)  # type: ignore[arg-type]

    def has_base(self, version: str) -> bool:
        return bool(self.client.api.images(BASE_IMAGE.replace("{version}", version)))


@pytest.fixture
def dock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path, docker_host: str) -> Iterator[Dock]:
    made = Dock(tmp_path, monkeypatch, known_interpreters)
    yield made
    made.close()


def test_an_image_holds_the_environment_in_a_place_of_its_own_for_every_user(dock: Dock):
    built = dock.make()
    assert built.python == image_context.PYTHON
    code = "import sys, app; print(sys.prefix, sys.executable, app.__cached__ and app.__cached__[:16])"
    assert dock.run(built, code).split() == ["/opt/environment", built.python, "/opt/environment"]
    assert dict(built.base_env_vars or ())["PATH"].startswith("/opt/environment/bin:")
    image = dock.client.images.get(built.image)
    assert image.tags == [f"desktop-aml/environment:{built.key[:40]}"]
    assert "desktop-aml/base:3.11" in built.lock.platform


def test_byte_code_is_made_with_the_image_because_a_run_cannot_keep_its_own(dock: Dock):
    code = "import app, os; print(os.path.isfile(app.__cached__))"
    assert dock.run(dock.make(), code) == "True"


def test_a_program_of_a_package_starts_the_images_python(dock: Dock):
    dock.index.add_wheel("tool", "1.0", program="tool:VERSION.title")
    built = dock.make("dependencies:\n  - python=3.11\n  - pip:\n    - tool\n")
    code = "print(open('/opt/environment/bin/tool').readline(), end='')"
    assert dock.run(built, code) == f"#!{image_context.PYTHON}"


def test_an_environment_without_packages_is_its_base_image_with_an_empty_environment(dock: Dock):
    built = dock.make("dependencies:\n  - python=3.11\n")
    assert built.lock.packages == ()
    assert dock.run(built, "import sys; print('%d.%d' % sys.version_info[:2])") == "3.11"


def test_a_cached_image_needs_no_network_and_starts_nothing(dock: Dock):
    first = dock.make()
    log = dock.log.read_bytes()
    dock.publish_newer()
    dock.cut_network()
    steps: list[BuildProgress] = []
    assert dock.make(report=steps.append) == first
    assert steps == []
    assert dock.log.read_bytes() == log


def test_a_python_that_no_base_image_has_is_refused_with_its_line(dock: Dock):
    with pytest.raises(MissingOnComputer) as raised:
        dock.make("dependencies:\n  - python=3.7\n  - app\n")
    assert raised.value.message.startswith("There is no base image for “python=3.7” (line 2)")
    assert "desktop-aml/base:3.7" in raised.value.message
    assert "docker_base_image" in raised.value.hint
    assert dock.leftovers() == []


def test_an_environment_is_built_on_the_base_image_that_it_names(dock: Dock):
    text = "dependencies:\n  - python=3.11\n"
    with pytest.raises(MissingOnComputer) as raised:
        dock.make(f"base_image: 127.0.0.1:9/base:{{version}}\n{text}")
    assert "127.0.0.1:9/base:3.11" in raised.value.message
    assert "There are here: " in raised.value.hint
    assert "docker load FILE" in raised.value.hint
    dock.client.api.tag(OWN_BASE, "tests/own-python", "1")
    try:
        assert "tests/own-python:1" in dock.make(f"base_image: tests/own-python:1\n{text}").lock.platform
        assert "desktop-aml/base:3.11" in dock.make(text).lock.platform
    finally:
        dock.client.api.remove_image("tests/own-python:1")


def test_a_fixed_base_image_with_another_python_is_refused(dock: Dock):
    service = dock.service("desktop-aml/base:3.11")
    with pytest.raises(MissingOnComputer) as raised:
        service.make_ready(
            EnvironmentKind.CONDA,
            "dependencies:\n  - python=3.8\n",
            place=BuildPlace.IMAGE,
            report=lambda _: None,
            cancel=threading.Event(),
            log_path=dock.log,
        )
    assert "has Python 3.11" in raised.value.message


def test_a_base_image_name_that_could_begin_another_step_is_refused(dock: Dock):
    service = dock.service("python:{version}\nRUN id")
    with pytest.raises(DesktopAMLError, match="is not the name of an image"):
        service.make_ready(
            dock.kind,
            dock.text,
            place=BuildPlace.IMAGE,
            report=lambda _: None,
            cancel=threading.Event(),
            log_path=dock.log,
        )


def test_the_seeds_python_is_another_patch_of_the_same_minor_version_and_says_so(dock: Dock):
    if not dock.has_base("3.6"):
        pytest.skip(NO_PYTHON_3_6)
    built = dock.make("dependencies:\n  - python=3.6.2\n  - pip:\n    - app\n")
    assert built.lock.python_version.startswith("3.6.")
    assert any("3.6.2" in note and built.lock.python_version in note for note in built.lock.notes)
    assert dock.run(built, "import sys, app; print('%d.%d' % sys.version_info[:2])") == "3.6"


def test_the_seeds_specification_becomes_an_image_with_python_3_6(
    dock: Dock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    if not dock.has_base("3.6"):
        pytest.skip(NO_PYTHON_3_6)
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.delenv("UV_CACHE_DIR")
    try:
        built = dock.make(SEED)
    except PreparationError as error:
        if "could not be reached" in error.message:
            pytest.skip("no package index can be reached")
        raise
    assert built.lock.version_of("scikit-learn") == "0.24.2"
    code = "import sys, sklearn; print('%d.%d' % sys.version_info[:2], sklearn.__version__)"
    assert dock.run(built, code).split() == ["3.6", "0.24.2"]


def test_a_python_of_this_computer_is_refused_for_a_container(dock: Dock):
    with pytest.raises(PreparationError, match="cannot be used in a container"):
        dock.make(sys.executable, EnvironmentKind.EXISTING)


def test_no_engine_is_a_calm_error_with_what_to_do(dock: Dock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(MissingOnComputer) as raised:
        dock.make()
    assert raised.value.message == "No Docker engine answers on this computer."
    assert "systemctl start docker" in raised.value.hint


def test_a_build_cancelled_at_any_moment_leaves_no_container_no_layer_no_folder_no_lock(dock: Dock):
    dock.index.add_wheel("big", "1.0", data=random.Random(1).randbytes(24 << 20))
    text = "dependencies:\n  - python=3.11\n  - pip:\n    - app\n    - big\n"
    dice = random.Random(20)
    canceled = 0
    for _ in range(10):
        cancel = threading.Event()
        steps = iter(range(dice.randint(0, 7), -1, -1))

        def tell(_: BuildProgress, cancel: threading.Event = cancel, steps: Iterator[int] = steps) -> None:
            if next(steps, 0) == 0:
                cancel.set()

        try:
            built = dock.make(text, cancel=cancel, report=tell)
        except BuildCanceled:
            canceled += 1
            assert dock.unfinished() == []
        else:
            dock.client.api.remove_image(built.image, force=True)
    assert canceled >= 5
    assert dock.run(dock.make(text), "import big; print(big.VERSION)") == "1.0"


def test_what_a_killed_program_left_of_a_build_is_gone_with_the_next_engine(dock: Dock):
    dock.index.add_wheel("big", "1.0", data=random.Random(1).randbytes(24 << 20))
    code = (
        "import sys, threading; from pathlib import Path\n"
        "from desktop_aml.domain.environments import BuildPlace, EnvironmentKind, PythonPinPolicy\n"
        "from desktop_aml.environments.service import BuilderService\n"
        "service = BuilderService(Path(sys.argv[1]), PythonPinPolicy.SAME_MINOR, sys.argv[2])\n"
        "service.make_ready(EnvironmentKind.CONDA, sys.argv[3], place=BuildPlace.IMAGE, cancel=threading.Event(),\n"
        "    report=lambda step: print(step.message, flush=True), log_path=Path(sys.argv[4]))\n"
    )
    text = "dependencies:\n  - python=3.11\n  - pip:\n    - big\n"
    words = [sys.executable, "-c", code, str(dock.builds), BASE_IMAGE, text, str(dock.log)]
    for last in ("Sending", "Step 1/", "Step 3/", "Step 5/"):
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as process:
            assert process.stdout
            assert any(line.startswith(last) for line in process.stdout)
            os.kill(process.pid, signal.SIGKILL)
    dock.service().sweep()
    assert dock.leftovers() == []
    assert dock.run(dock.make(text), "import big; print(big.VERSION)") == "1.0"


@pytest.mark.kill
def test_a_docker_engine_killed_in_the_middle_of_a_build_is_said_and_the_next_build_finds_nothing_of_it(
    own_daemon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path
):
    dock = Dock(tmp_path, monkeypatch, known_interpreters)
    killed: list[int] = []

    def kill(step: BuildProgress) -> None:
        if "sleep" in step.message and not killed:
            killed.append(int((own_daemon / "docker.pid").read_text()))
            os.kill(killed[0], signal.SIGKILL)

    text = f"FROM {OWN_BASE}\nRUN echo one > /one\nRUN sleep 600\n"
    with pytest.raises(DesktopAMLError) as raised:
        dock.make(text, EnvironmentKind.DOCKERFILE, report=kill)
    assert killed
    assert "Docker engine" in raised.value.message
    start_daemon(own_daemon)
    built = dock.make()
    assert dock.unfinished() == []
    assert dock.run(built, "import app; print(app.VERSION)") == "1.0"
    dock.close()


# On another computer


@pytest.fixture(params=["tcp_host", "ssh_host"])
def far_dock(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path
) -> Iterator[Dock]:
    request.getfixturevalue(request.param)
    made = Dock(tmp_path, monkeypatch, known_interpreters)
    yield made
    made.close()


def test_an_image_is_built_on_an_engine_elsewhere_from_packages_of_this_computer(far_dock: Dock):
    built = far_dock.make()
    assert far_dock.run(built, "import app; print('built')") == "built"
    assert far_dock.make() == built
    text = f"FROM {OWN_BASE}\nENV FAR=yes\n"
    given = far_dock.make(text, EnvironmentKind.DOCKERFILE)
    assert dict(given.base_env_vars or ())["FAR"] == "yes"


@pytest.mark.parametrize("builder", ["BuildKit", "classic"])
def test_a_build_elsewhere_that_is_cancelled_ends_at_once_and_leaves_nothing(
    far_dock: Dock, builder: str, monkeypatch: pytest.MonkeyPatch
):
    if builder == "classic":
        monkeypatch.setattr("desktop_aml.environments.image.buildkit.command_for", lambda _: None)
    mark = str(random.Random().random())
    cancel = threading.Event()

    def report(step: BuildProgress) -> None:
        if mark in step.message:
            cancel.set()

    text = f"FROM {OWN_BASE}\nRUN sleep 600; echo {mark}\n"
    with pytest.raises(BuildCanceled):
        far_dock.make(text, EnvironmentKind.DOCKERFILE, report=report, cancel=cancel)
    assert far_dock.leftovers() == []
