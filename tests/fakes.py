"""Fakes for clocks and failures, and the smallest honest environment source: this test's own Python."""

from __future__ import annotations

import platform
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind, EnvironmentLock
from desktop_aml.domain.errors import BuildCanceled, DesktopAMLError, PreparationError


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self, at: float = 1_700_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


class OwnPython:
    """An environment source that builds nothing: every specification is this Python.

    `fail_with`, words or an error, makes every build fail; `gate`, when given, holds every build until it is set or
    cancelled.
    """

    def __init__(self, fail_with: str | DesktopAMLError = "", gate: threading.Event | None = None) -> None:
        self.fail_with = fail_with
        self.gate = gate
        self.built = 0

    def make_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
        **_: object,
    ) -> BuiltEnvironment:
        log_path.write_text("building\n")
        report(BuildProgress("Installing", "nothing", 0.5))
        while self.gate is not None and not self.gate.wait(0.01):
            if cancel.is_set():
                raise BuildCanceled("The build was canceled.")
        if isinstance(self.fail_with, DesktopAMLError):
            raise self.fail_with
        if self.fail_with:
            raise PreparationError(self.fail_with, "Fix line 3.")
        self.built += 1
        return self.this_python()

    def this_python(self) -> BuiltEnvironment:
        lock = EnvironmentLock(platform.python_version(), "test", "existing", (), "")
        return BuiltEnvironment("0" * 64, sys.executable, lock)

    def prefer(self, kind: EnvironmentKind, text: str, builder: str) -> None:
        """There is nothing to choose."""

    def finish(self, built: BuiltEnvironment, cancel: threading.Event) -> None:
        """Nothing goes on in the background."""

    def is_there(self, key: str) -> bool:
        return True
