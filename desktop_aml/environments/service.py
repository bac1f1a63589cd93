"""What the engine sees of environments: a specification goes in, an interpreter comes out."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind, PythonPinPolicy
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.existing import existing


class BuilderService:
    """Makes environments ready.

    Parameters
    ----------
    builds : Path
        Folder of finished builds, shared by all workspaces of the user.
    policy : PythonPinPolicy
        What to do when this computer lacks the Python that a specification names; may be set at any time.
    """

    def __init__(self, builds: Path, policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR) -> None:
        self._builds = builds
        self.policy = policy
        self._own: BuiltEnvironment | None = None

    def make_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        """Return an interpreter for a specification, building it when there is none yet.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        PreparationError
            When it cannot be resolved or installed.
        BuildCanceled
            When `cancel` was set.
        """
        # Imported here: a run in this computer's Python needs neither a reader of YAML nor uv.
        from desktop_aml.environments import spec as specs
        from desktop_aml.environments.builder import Watch
        from desktop_aml.environments.uv_builder import UvBuilder

        spec = specs.parse(text, kind)
        if kind is EnvironmentKind.EXISTING:
            return existing(spec.interpreter, self._builds / "existing")
        if kind.needs_docker:
            raise PreparationError(
                "This environment is made for Docker and cannot be used on this computer directly.",
                "Choose Docker as the target of the run, or an environment of packages.",
            )
        builder = UvBuilder(self._builds, self.policy)
        known = builder.known(spec)
        found = builder.find(known) if known else None
        if found is not None:
            return found
        # Only now: the log of a finished build stays for as long as the build is used.
        log_path.write_bytes(b"")
        watch = Watch(report, cancel, log_path)
        return builder.build(builder.plan(spec, watch), watch)

    def this_python(self) -> BuiltEnvironment:
        """Return the interpreter that Desktop AML itself uses, with what is installed beside it."""
        if self._own is None:
            self._own = existing(sys.executable, self._builds / "existing")
        return self._own

    def finish(self, built: BuiltEnvironment, cancel: threading.Event) -> None:
        """Wait until the bytecode of a build is complete, for whoever counts on its speed.

        Raises
        ------
        BuildCanceled
            When `cancel` was set.
        """
        from desktop_aml.environments import bytecode

        bytecode.finish(self._builds / built.key, Path(built.python), cancel)

    def is_there(self, key: str) -> bool:
        """Whether the build with this key lies on the disk."""
        return (self._builds / key).is_dir()

    def sweep(self) -> None:
        """Remove what killed builders left."""
        from desktop_aml.environments import space

        space.sweep(self._builds)
