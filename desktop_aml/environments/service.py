"""What the engine sees of environments: a specification goes in, an interpreter comes out."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.domain.environments import (
    BuildProgress,
    BuiltEnvironment,
    EnvironmentKind,
    EnvironmentLock,
    PythonPinPolicy,
)
from desktop_aml.domain.errors import ChannelsUnreachable, PreparationError
from desktop_aml.environments.existing import existing

if TYPE_CHECKING:
    from desktop_aml.environments.builder import Builder, Plan, Watch
    from desktop_aml.environments.choice import Choice
    from desktop_aml.environments.spec import Specification


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
        from desktop_aml.environments import space
        from desktop_aml.environments import spec as specs
        from desktop_aml.environments.builder import Watch
        from desktop_aml.environments.choice import Choices

        spec = specs.parse(text, kind)
        if kind is EnvironmentKind.EXISTING:
            return existing(spec.interpreter, self._builds / "existing")
        if kind.needs_docker:
            raise PreparationError(
                "This environment is made for Docker and cannot be used on this computer directly.",
                "Choose Docker as the target of the run, or an environment of packages.",
            )
        choice = Choices(self._builds / "choices").known(spec)
        if choice is not None:
            builder = self._builder(choice)
            known = builder.known(spec)
            found = builder.find(known) if known else None
            if found is not None:
                return _explained(found, choice)
        # Only now: the log of a finished build stays for as long as the build is used.
        log_path.write_bytes(b"")
        watch = Watch(report, cancel, log_path)
        space.sweep(self._builds)
        choice, plan = self._plan(spec, watch)
        return _explained(self._builder(choice).build(plan, watch), choice)

    def resolve(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        report: Callable[[BuildProgress], None],
        cancel: threading.Event,
        log_path: Path,
    ) -> EnvironmentLock:
        """Return what a specification resolves to, without installing anything.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        PreparationError
            When it cannot be resolved.
        BuildCanceled
            When `cancel` was set.
        """
        from desktop_aml.environments import spec as specs
        from desktop_aml.environments.builder import Watch

        spec = specs.parse(text, kind)
        if kind is EnvironmentKind.EXISTING:
            return existing(spec.interpreter, self._builds / "existing").lock
        if kind.needs_docker:
            raise PreparationError(
                "What an image holds is known only once it is built.", "Build it with Docker as the target."
            )
        choice, plan = self._plan(spec, Watch(report, cancel, log_path))
        return replace(plan.lock, chosen_because=choice.why)

    def prefer(self, kind: EnvironmentKind, text: str, builder: str) -> None:
        """Have a specification built by a certain builder from now on; empty lets Desktop AML choose again.

        Raises
        ------
        InvalidInput
            When there is no such builder, or it cannot build such a specification.
        """
        from desktop_aml.environments import spec as specs
        from desktop_aml.environments.choice import Choices

        Choices(self._builds / "choices").prefer(specs.parse(text, kind), builder)

    def _plan(self, spec: Specification, watch: Watch) -> tuple[Choice, Plan]:
        from desktop_aml.environments import failures
        from desktop_aml.environments.choice import Choices

        choices = Choices(self._builds / "choices")
        try:
            choice = choices.choose(spec, watch)
            _log_choice(choice, watch)
            try:
                return choice, self._builder(choice).plan(spec, watch)
            except ChannelsUnreachable as error:
                # They answered a moment ago, or nobody asked them because the user chose conda.
                if choice.is_the_users:
                    raise
                choice = choices.stand_in(spec, error.message.rstrip("."), watch)
                _log_choice(choice, watch)
                return choice, self._builder(choice).plan(spec, watch)
        except OSError as error:
            raise failures.cannot_write(self._builds, error) from error

    def _builder(self, choice: Choice) -> Builder:
        if choice.builder == "conda":
            from desktop_aml.environments.conda_builder import CondaBuilder

            return CondaBuilder(self._builds, self.policy)
        from desktop_aml.environments.uv_builder import UvBuilder

        return UvBuilder(self._builds, self.policy)

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


def _explained(built: BuiltEnvironment, choice: Choice) -> BuiltEnvironment:
    return replace(built, lock=replace(built.lock, chosen_because=choice.why))


def _log_choice(choice: Choice, watch: Watch) -> None:
    watch.tell("Choosing", f"Builder: {choice.builder}. {choice.why}", 0.03)
    with watch.log_path.open("a", encoding="utf-8") as log:
        log.write(f"Builder: {choice.builder}. {choice.why}\n")
