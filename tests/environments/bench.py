"""A builder service on folders of its own, with a package index in a folder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind
from desktop_aml.environments.service import BuilderService
from tests.environments.local_index import LocalIndex

TEXT = "app==1.0\n"


class Bench:
    """A service on folders of its own, and how a test asks it."""

    def __init__(self, root: Path, index: LocalIndex) -> None:
        self.root, self.index, self.builds, self.log = root, index, root / "builds", root / "build.log"
        self.service = BuilderService(self.builds)

    def make(
        self,
        text: str = TEXT,
        *,
        kind: EnvironmentKind = EnvironmentKind.PIP,
        report: Callable[[BuildProgress], None] = lambda _: None,
        cancel: threading.Event | None = None,
    ) -> BuiltEnvironment:
        return self.service.make_ready(kind, text, report=report, cancel=cancel or threading.Event(), log_path=self.log)

    def leftovers(self) -> list[str]:
        """What lies in the builds folder beside finished builds and what is remembered."""
        return [
            str(path.relative_to(self.builds))
            for path in sorted(self.builds.rglob("*"))
            if path.relative_to(self.builds).parts[0] not in {"interpreters.json"}
            and not (path.parent.name == "locks" and path.suffix == ".txt")
            and path.name != "locks"
        ]
