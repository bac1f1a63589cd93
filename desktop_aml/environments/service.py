"""What the engine sees of environments: a specification goes in, an interpreter comes out."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import (
    BuildPlace,
    BuildProgress,
    BuiltEnvironment,
    EnvironmentKind,
    EnvironmentLock,
    PythonPinPolicy,
    place_fault,
)
from desktop_aml.domain.errors import BuildCanceled, DesktopAMLError, InvalidSpec, PreparationError
from desktop_aml.environments.build.system_interpreter import existing

if TYPE_CHECKING:
    from desktop_aml.environments.build.builds import LocalBuilds
    from desktop_aml.environments.image.builds import ImageBuilds
    from desktop_aml.environments.spec.parsing import Specification

_log = logging.getLogger(__name__)
_SWEEP_AGAIN_S: Final = 2.0
_SWEEP_S: Final = 300.0
_FOR_SCRIPTS: Final = ("scikit-learn", "numpy", "scipy", "joblib", "threadpoolctl", "pandas", "matplotlib")


class BuilderService:
    """Makes environments ready.

    Parameters
    ----------
    builds : Path
        Folder of finished builds, shared by all workspaces of the user.
    policy : PythonPinPolicy
        What to do when this computer lacks the Python that a specification names; may be set at any time.
    base_image : str
        Docker image that images of environments are built on; ``{version}`` stands for the Python version. May be set
        at any time.
    """

    def __init__(
        self,
        builds: Path,
        policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR,
        base_image: str = "python:{version}-slim",
    ) -> None:
        self._builds = builds
        self.base_image = base_image
        self.policy = policy
        self._own: BuiltEnvironment | None = None

    def make_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        place: BuildPlace = BuildPlace.LOCAL,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        """Return an interpreter for a specification, building it when there is none yet.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        MissingOnComputer
            When there is no such Python; for an image also when there is no Docker engine.
        PreparationError
            When it cannot be resolved, installed or built.
        BuildCanceled
            When `cancel` was set.
        """
        try:
            if place is BuildPlace.IMAGE:
                return self._make_image_ready(kind, text, report=report, cancel=cancel, log_path=log_path)
            return self._make_local_ready(kind, text, report=report, cancel=cancel, log_path=log_path)
        except BuildCanceled:
            raise
        except DesktopAMLError as error:
            _keep_reason(log_path, str(error))
            raise

    def _make_local_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        # Imported here: a run in this computer's Python needs neither a reader of YAML nor uv.
        from desktop_aml.environments.spec import parsing as specs
        from desktop_aml.environments.toolchain.builder import Watch

        spec = specs.parse(text, kind)
        if kind is EnvironmentKind.EXISTING:
            return existing(spec.interpreter, self._builds / "existing")
        _check_place(kind, BuildPlace.LOCAL)
        return self._local().make_ready(spec, Watch(report, cancel, log_path))

    def resolve(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        builder: str = "",
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> EnvironmentLock:
        """Return what a specification resolves to on this computer, without installing anything.

        `builder` is asked this time, when it is given.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        PreparationError
            When it cannot be resolved.
        BuildCanceled
            When `cancel` was set.
        """
        from desktop_aml.environments.spec import parsing as specs
        from desktop_aml.environments.toolchain.builder import Watch

        spec = specs.parse(text, kind)
        if kind is EnvironmentKind.EXISTING:
            return existing(spec.interpreter, self._builds / "existing").lock
        if kind.needs_docker:
            raise PreparationError(
                "What an image holds is known only once it is built.", "Choose Docker as the target of a run."
            )
        return self._local().resolve(spec, Watch(report, cancel, log_path), builder)

    def expected_builder(self, kind: EnvironmentKind, text: str) -> tuple[str, str]:
        """Return which builder a build on this computer would use and why, without asking any server.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        """
        from desktop_aml.environments.spec import parsing as specs

        if kind is EnvironmentKind.EXISTING:
            return "existing", "The Python is used as it is."
        if kind.needs_docker:
            return "image", "An image of Docker."
        choice = self._local().expected(specs.parse(text, kind))
        return choice.builder, choice.why

    def fetch_size(self, kind: EnvironmentKind, text: str) -> FetchSize:
        """Return what a build on this computer would fetch. Asks the package index, and runs no code of a package.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        """
        from desktop_aml.environments.spec import parsing as specs

        if kind is EnvironmentKind.EXISTING:
            return FetchSize(0)
        if kind.needs_docker:
            return FetchSize(None, why="Docker tells it only while it fetches the image")
        return self._local().fetch_size(specs.parse(text, kind))

    def prefer(self, kind: EnvironmentKind, text: str, builder: str) -> None:
        """Have a specification built by a certain builder from now on; empty lets Desktop AML choose again.

        Raises
        ------
        InvalidInput
            When there is no such builder, or it cannot build such a specification.
        """
        from desktop_aml.environments.spec import parsing as specs

        self._local().prefer(specs.parse(text, kind), builder)

    def _local(self) -> LocalBuilds:
        from desktop_aml.environments.build.builds import LocalBuilds

        return LocalBuilds(self._builds, self.policy)

    def _make_image_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        from desktop_aml.environments.image.engine import ImageEngine
        from desktop_aml.environments.image.user_image import GivenImages
        from desktop_aml.environments.spec import parsing as specs
        from desktop_aml.environments.toolchain.builder import Watch

        _check_place(kind, BuildPlace.IMAGE)
        spec, watch = specs.parse(text, kind), Watch(report, cancel, log_path)
        if kind.needs_docker:
            return GivenImages(ImageEngine(self._builds)).make_ready(spec, watch)
        return self._images(spec).make_ready(spec, watch)

    def _images(self, spec: Specification) -> ImageBuilds:
        from desktop_aml.environments.image.builds import ImageBuilds

        return ImageBuilds(self._builds, self.policy, spec.base_image or self.base_image)

    def this_python_as_image(
        self,
        packages: tuple[str, ...] = (),
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        """Return an image with the Python version and the packages for machine learning of `this_python`, and more."""
        text = self._this_python_as_text(packages)
        return self._make_image_ready(EnvironmentKind.CONDA, text, report=report, cancel=cancel, log_path=log_path)

    def _this_python_as_text(self, packages: tuple[str, ...] = ()) -> str:
        lock = self.this_python().lock
        pins = [f"{name}=={version}" for name in _FOR_SCRIPTS if (version := lock.version_of(name))]
        pins += packages
        minor = ".".join(lock.python_version.split(".")[:2])
        return f"dependencies:\n  - python={minor}\n  - pip:\n" + "".join(f"    - {pin}\n" for pin in pins)

    def image_key(self, kind: EnvironmentKind | None = None, text: str = "") -> str:
        """Return the key of the image that a specification became, without resolving or building; empty for none.

        No kind means the image of `this_python`. The image itself may be gone.

        Raises
        ------
        MissingOnComputer
            When no Docker engine answers.
        """
        from desktop_aml.environments.image import user_image as given_image
        from desktop_aml.environments.spec import parsing as specs

        if kind in {EnvironmentKind.EXISTING, EnvironmentKind.IMAGE}:
            return ""
        try:
            spec = specs.parse(text or self._this_python_as_text(), kind or EnvironmentKind.CONDA)
        except InvalidSpec:
            # It was right for the version that saved it.
            return ""
        if kind is EnvironmentKind.DOCKERFILE:
            return given_image.key_of(spec)
        return self._images(spec).key_of(spec)

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
        from desktop_aml.environments.build import bytecode

        bytecode.finish(self._builds / built.key, Path(built.python), cancel)

    def is_there(self, key: str) -> bool:
        """Whether the build with this key lies on the disk."""
        return (self._builds / key).is_dir()

    def sweep(self, stop: threading.Event | None = None) -> None:
        """Remove what killed builders left; a builder that works now is left alone.

        Parameters
        ----------
        stop : threading.Event, optional
            Given, and something is being worked on, this looks again for a while, until it is set: the installer of
            a builder that was killed writes on for a moment, and nobody else would come for what it leaves.
        """
        until = time.monotonic() + _SWEEP_S
        self._sweep_once()
        while stop is not None and self._is_busy() and time.monotonic() < until and not stop.wait(_SWEEP_AGAIN_S):
            self._sweep_once()

    def _is_busy(self) -> bool:
        return any(self._builds.glob("*.building")) or any(self._builds.glob("locks/*.resolving"))

    def _sweep_once(self) -> None:
        from desktop_aml.environments.build import disk_usage as space

        try:
            space.sweep(self._builds)
            if (self._builds / "images").is_dir():
                from desktop_aml.environments.image.engine import ImageEngine

                ImageEngine(self._builds).sweep()
        except OSError as error:
            _log.warning("The folder of builds could not be tidied: %s", error)


def _check_place(kind: EnvironmentKind, place: BuildPlace) -> None:
    message, hint = place_fault(kind, place)
    if message:
        raise PreparationError(message, hint)


def _keep_reason(log_path: Path, words: str) -> None:
    """Have the log of a failed build end with the reason: who looks later sees only the log."""
    try:
        kept = log_path.read_text("utf-8", "replace") if log_path.exists() else ""
        if words not in kept:
            log_path.write_text(f"{kept.rstrip()}\n{words}\n".lstrip(), "utf-8")
    except OSError as error:
        _log.warning("The reason of a failed build could not be written to %s: %s", log_path, error)
