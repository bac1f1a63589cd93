"""Places where each builder of the contract can build, offline."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml import docker_access
from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind
from desktop_aml.environments.build.conda_builder import CondaBuilder
from desktop_aml.environments.build.uv_builder import UvBuilder
from desktop_aml.environments.image.builder import ImageBuilder
from desktop_aml.environments.image.conda_builder import CondaImageBuilder
from desktop_aml.environments.image.engine import REPOSITORY, ImageEngine, tag_of
from desktop_aml.environments.image.python import QUESTION_LABEL
from desktop_aml.environments.spec import parsing as specs
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import uv_process
from desktop_aml.environments.toolchain.builder import Builder, Watch
from tests.docker_engine import BASE_IMAGE
from tests.docker_prune import prune
from tests.environments.conda_channel import PYTHON, LocalChannel
from tests.environments.local_index import LocalIndex


class UvYard:
    """A package index in a folder: ``app`` 1.0 needs ``lib`` 1 or newer, which there is in 1.0 and 2.0."""

    kind = EnvironmentKind.PIP
    text = "# a comment\napp==1.0\n"
    unknown = "lib\n\nappp\n"
    line_of_unknown = 3
    locked = (("app", "1.0"), ("lib", "2.0"))

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, interpreters: Path) -> None:
        self.root, self.builds, self.log = root, root / "builds", root / "build.log"
        self.builds.mkdir()
        self._monkeypatch = monkeypatch
        # Which Pythons there are is no part of the contract, and asking them takes most of a second.
        shutil.copy(interpreters, self.builds)
        self.index = LocalIndex(root / "index")
        self.index.add_wheel("app", "1.0", ("lib>=1",))
        self.index.add_wheel("lib", "1.0")
        self.index.add_wheel("lib", "2.0")
        for name in [name for name in os.environ if name.startswith("UV_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("UV_DEFAULT_INDEX", self.index.uri)
        monkeypatch.setenv("UV_CACHE_DIR", str(root / "cache"))

    def builder(self) -> Builder:
        """A builder as another program would make it."""
        return UvBuilder(self.builds)

    def spec(self, text: str = "") -> Specification:
        return specs.parse(text or self.text, self.kind)

    def watch(
        self, report: Callable[[BuildProgress], None] = lambda _: None, cancel: threading.Event | None = None
    ) -> Watch:
        return Watch(report, cancel or threading.Event(), self.log)

    def run(self, built: BuiltEnvironment, code: str) -> str:
        """What Python code prints in the environment."""
        return subprocess.check_output([built.python, "-c", code], text=True, cwd="/").strip()

    def tear(self, built: BuiltEnvironment) -> None:
        """Leave the build as a program that was killed in the middle leaves it."""
        (self.builds / built.key / "ready.json").unlink()
        (self.builds / built.key / "rubbish").write_text("x")

    def publish_newer(self) -> None:
        """Have the source of packages offer a newer version of one."""
        self.index.add_wheel("lib", "3.0")

    def cut_network(self) -> None:
        """Make the source of packages, and whatever asks it, unreachable."""
        self._monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
        self._monkeypatch.setattr(uv_process, "uv_path", lambda: "/bin/false")

    def leftovers(self) -> list[str]:
        """What lies about beside finished builds and what is remembered of specifications and interpreters."""
        return [
            str(path.relative_to(self.builds))
            for path in sorted(self.builds.iterdir())
            if path.name not in {"interpreters.json", "locks"}
        ] + [path.name for path in self.builds.glob("locks/*") if path.is_dir() or path.suffix == ".resolving"]

    def close(self) -> None:
        """Remove what lies outside the folder of the test."""


class CondaYard(UvYard):
    """The same packages in a channel of conda in a folder, with a Python."""

    kind = EnvironmentKind.CONDA
    line_of_unknown = 5
    locked = (("app", "1.0"), ("lib", "2.0"), ("python", PYTHON))

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, interpreters: Path) -> None:
        super().__init__(root, monkeypatch, interpreters)
        self.channel = LocalChannel(root / "channel")
        self.channel.add_python()
        self.channel.add("app", "1.0", "lib >=1")
        self.channel.add("lib", "1.0")
        self.channel.add("lib", "2.0")
        self.channel.index()
        head = f"channels:\n  - {self.channel.uri}\ndependencies:\n"
        self.text = f"{head}  # a comment\n  - app=1.0\n"
        self.unknown = f"{head}  - lib\n  - appp\n"

    def builder(self) -> Builder:
        return CondaBuilder(self.builds)

    def publish_newer(self) -> None:
        self.channel.add("lib", "3.0")
        self.channel.index()

    def cut_network(self) -> None:
        self.channel.vanish()
        super().cut_network()

    def leftovers(self) -> list[str]:
        # What was downloaded is kept for the next build.
        return [name for name in super().leftovers() if name != "conda"]


class ImageYard(UvYard):
    """The same index, for images on the tests' own Docker engine."""

    kind = EnvironmentKind.CONDA
    text = "# a comment\ndependencies:\n  - python=3.11\n  - app=1.0\n"
    unknown = "dependencies:\n  - python=3.11\n  - appp\n"

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, interpreters: Path) -> None:
        super().__init__(root, monkeypatch, interpreters)
        self.client = docker_access.connect()
        self._label = "{}={}".format(*next(iter(self._engine().labels.items())))

    def _engine(self) -> ImageEngine:
        return ImageEngine(self.builds)

    def builder(self) -> Builder:
        return ImageBuilder(self._engine(), self.builds, BASE_IMAGE)

    def run(self, built: BuiltEnvironment, code: str) -> str:
        words = [built.python, "-c", code]
        said = self.client.containers.run(built.image, words, network_mode="none", user="1234:1234", remove=True)
        return bytes(said).decode().strip()

    def tear(self, built: BuiltEnvironment) -> None:
        # Its layers stay, as they do when the engine was killed before it gave them a name.
        self.client.api.tag(built.image, f"{REPOSITORY}-torn", built.key[:20])
        self.client.api.remove_image(tag_of(built.key))
        (self.builds / "images" / "context").mkdir()

    def leftovers(self) -> list[str]:
        finished = self.client.api.images(filters={"label": self._label, "dangling": False})
        return [*self.unfinished(), *(one["Id"] for one in finished)]

    def unfinished(self) -> list[str]:
        """What lies about beside finished images."""
        images = self.client.api.images(filters={"label": self._label, "dangling": True})
        containers = self.client.api.containers(all=True, filters={"label": self._label})
        questions = self.client.api.containers(all=True, filters={"label": QUESTION_LABEL})
        mine = [one for one in questions if one["Labels"][QUESTION_LABEL] == self._label.partition("=")[2]]
        folder = self.builds / "images"
        files = [str(path) for path in folder.glob("*") if path.suffix != ".json"]
        lying_about = [name for name in super().leftovers() if name != "images"]
        return [*lying_about, *files, *(one["Id"] for one in (*images, *containers, *mine))]

    def close(self) -> None:
        for image in self.client.api.images(filters={"label": self._label}):
            for tag in image["RepoTags"] or ():
                self.client.api.remove_image(tag, force=True)
        prune(self.client, self._label)
        self.client.close()


class CondaImageYard(ImageYard):
    """The channel in a folder, for images on the tests' own Docker engine; its Python is the one of the base image."""

    line_of_unknown = 5
    locked = (("app", "1.0"), ("lib", "2.0"), ("python", "3.11.2"))

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, interpreters: Path) -> None:
        super().__init__(root, monkeypatch, interpreters)
        self.channel = LocalChannel(root / "channel")
        self.channel.add_python("3.11.2", Path("/usr/bin/python3.11"), glibc="2.17")
        self.channel.add("app", "1.0", "lib >=1")
        self.channel.add("lib", "1.0")
        self.channel.add("lib", "2.0")
        self.channel.index()
        head = f"channels:\n  - {self.channel.uri}\ndependencies:\n"
        self.text = f"{head}  # a comment\n  - app=1.0\n"
        self.unknown = f"{head}  - lib\n  - appp\n"

    def builder(self) -> Builder:
        return CondaImageBuilder(self._engine(), self.builds, BASE_IMAGE)

    def publish_newer(self) -> None:
        self.channel.add("lib", "3.0")
        self.channel.index()

    def cut_network(self) -> None:
        self.channel.vanish()
        super().cut_network()

    def unfinished(self) -> list[str]:
        # What was downloaded is kept for the next build.
        return [name for name in super().unfinished() if name != "conda"]


YARDS: dict[str, type[UvYard]] = {"conda": CondaYard, "conda-image": CondaImageYard, "image": ImageYard, "uv": UvYard}
