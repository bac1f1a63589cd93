"""Places where each builder of the contract can build, offline."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind
from desktop_aml.environments import spec as specs
from desktop_aml.environments import uv_process
from desktop_aml.environments.builder import Builder, Watch
from desktop_aml.environments.spec import Specification
from desktop_aml.environments.uv_builder import UvBuilder
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


YARDS: dict[str, type[UvYard]] = {"uv": UvYard}
