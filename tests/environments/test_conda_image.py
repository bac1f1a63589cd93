"""Images of environments from conda's channels, on a real Docker engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildPlace, BuiltEnvironment, EnvironmentKind, PythonPinPolicy
from desktop_aml.domain.errors import ChannelsUnreachable, PreparationError
from desktop_aml.environments.image.python import ImagePython
from desktop_aml.environments.service import BuilderService
from tests.contracts.yards import CondaImageYard
from tests.docker_engine import BASE_IMAGE
from tests.environments.conda_channel import PLACEHOLDER


class Dock(CondaImageYard):
    """A service on a channel, an index and folders of its own, and the tests' Docker engine."""

    def service(self) -> BuilderService:
        return BuilderService(self.builds, PythonPinPolicy.SAME_MINOR, BASE_IMAGE)

    def make(self, text: str = "") -> BuiltEnvironment:
        return self.service().make_ready(
            EnvironmentKind.CONDA,
            text or self.text,
            place=BuildPlace.IMAGE,
            report=lambda _: None,
            cancel=threading.Event(),
            log_path=self.log,
        )


@pytest.fixture
def dock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path, docker_host: str) -> Iterator[Dock]:
    made = Dock(tmp_path, monkeypatch, known_interpreters)
    yield made
    made.close()


def test_channels_that_answer_are_chosen_for_an_image_and_it_says_why(dock: Dock):
    built = dock.make()
    assert built.lock.builder == "conda-image"
    assert built.lock.chosen_because.startswith("The specification names channels of conda")
    assert "desktop-aml/base:3.11" in built.lock.platform
    assert built.lock.explicit.startswith("@EXPLICIT")
    assert dock.run(built, "import sys, app, lib; print(sys.prefix, lib.VERSION)") == "/opt/environment 2.0"
    assert dock.service().image_key(EnvironmentKind.CONDA, dock.text) == built.key


def test_a_package_that_holds_the_path_of_its_environment_holds_the_one_in_the_image(dock: Dock):
    dock.channel.add("placed", "1.0", data=f"at {PLACEHOLDER}/lib")
    dock.channel.index()
    built = dock.make(dock.text.replace("app=1.0", "placed"))
    code = "import placed; print(open(placed.__file__.replace('.py', '.bin')).read())"
    assert dock.run(built, code) == "at /opt/environment/lib"


def test_the_pip_list_is_installed_beside_the_packages_of_conda(dock: Dock):
    dock.index.add_wheel("more", "1.0", ("lib>=1",))
    built = dock.make(f"{dock.text}  - pip:\n    - more\n")
    assert dock.run(built, "import more, lib; print(more.VERSION, lib.VERSION)") == "1.0 2.0"


def test_packages_for_a_newer_c_library_than_the_base_image_has_are_refused_in_words(dock: Dock):
    dock.channel.add_python("3.11.9", Path("/usr/bin/python3.11"), glibc="9.99")
    dock.channel.index()
    with pytest.raises(PreparationError) as raised:
        dock.make(f"channels:\n  - {dock.channel.uri}\ndependencies:\n  - python=3.11.9\n  - app\n")
    said = f"{raised.value.message} {raised.value.details}"
    assert "glibc" in said
    assert "9.99" in said
    assert [name for name in dock.leftovers() if name != "choices"] == []


def test_a_base_image_without_the_gnu_c_library_is_refused_in_words(dock: Dock):
    service = dock.service()
    base = ImagePython("sha256:0", "alpine", "/usr/bin/python3", "3.11.2", "x86_64", "", {})
    builder = dock.builder()
    with pytest.raises(PreparationError, match="“alpine” has no GNU C library"):
        builder._solver(base)  # type: ignore[attr-defined]
    assert service.base_image == BASE_IMAGE


def test_channels_out_of_reach_give_an_image_from_pypi_after_saying_so(dock: Dock):
    text = dock.text.replace("app=1.0", "python=3.11\n  - pip:\n    - app==1.0")
    dock.channel.vanish()
    built = dock.make(text)
    assert built.lock.builder == "image"
    assert "cannot be reached" in built.lock.chosen_because
    assert json.dumps(built.lock.chosen_because)[1:-1] in json.dumps(dock.log.read_text())


def test_what_only_conda_has_needs_the_channels(dock: Dock):
    dock.channel.vanish()
    with pytest.raises(ChannelsUnreachable, match="Line 5"):
        dock.make(dock.text.replace("app=1.0", "r-base"))
