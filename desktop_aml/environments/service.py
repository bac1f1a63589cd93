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
    base_image : str
        Docker image that images of environments are built on; ``{version}`` stands for the Python version.
    """

    def __init__(
        self,
        builds: Path,
        policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR,
        base_image: str = "python:{version}-slim",
    ) -> None:
        self._builds = builds
        self._base_image = base_image
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
        from desktop_aml.environments.resolver import Resolver, Watch
        from desktop_aml.environments.uv_builder import UvBuilder

        spec = specs.parse(text, kind)
        if kind is EnvironmentKind.EXISTING:
            return existing(spec.interpreter, self._builds / "existing")
        resolver, builder = Resolver(self._builds, self.policy), UvBuilder(self._builds)
        known = resolver.known(spec)
        found = builder.find(known[0]) if known else None
        if found is not None:
            return found
        # Only now: the log of a finished build stays for as long as the build is used.
        log_path.write_bytes(b"")
        watch = Watch(report, cancel, log_path)
        lock, interpreter = resolver.lock(spec, watch)
        return builder.build(lock, interpreter, spec, watch)

    def make_image_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        """Return a Docker image for a specification, building it when there is none yet.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        MissingOnComputer
            When there is no Docker engine, or no base image with the Python asked for.
        PreparationError
            When it cannot be resolved, installed or built.
        BuildCanceled
            When `cancel` was set.
        """
        from desktop_aml.environments import spec as specs
        from desktop_aml.environments.image_builder import ImageBuilder
        from desktop_aml.environments.resolver import Watch

        if kind is EnvironmentKind.EXISTING:
            raise PreparationError(
                "A Python of this computer cannot be used in a container.",
                "Choose an environment with a list of packages, a Dockerfile or an image.",
            )
        builder = ImageBuilder(self._builds, self._base_image, self.policy)
        return builder.make_ready(specs.parse(text, kind), Watch(report, cancel, log_path))

    def this_python(self) -> BuiltEnvironment:
        """Return the interpreter that Desktop AML itself uses, with what is installed beside it."""
        if self._own is None:
            self._own = existing(sys.executable, self._builds / "existing")
        return self._own
