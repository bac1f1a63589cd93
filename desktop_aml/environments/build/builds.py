"""Environments as folders of this computer: the builder is chosen, its build is found or made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentLock, PythonPinPolicy
from desktop_aml.domain.errors import ChannelsUnreachable, MissingOnComputer
from desktop_aml.environments.build import disk_usage as space
from desktop_aml.environments.build import folder as build_folder
from desktop_aml.environments.build.uv_builder import UvBuilder
from desktop_aml.environments.resolve.builder_choice import CONDA, Choice, Choices
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures
from desktop_aml.environments.toolchain.builder import Builder, Plan, Watch


class LocalBuilds:
    """The builds of one folder.

    Parameters
    ----------
    builds : Path
        Folder of finished builds.
    policy : PythonPinPolicy
        What to do when the Python that a specification names is missing.
    """

    def __init__(self, builds: Path, policy: PythonPinPolicy) -> None:
        self._builds = builds
        self._policy = policy
        self._choices = Choices(builds / "choices")

    def make_ready(self, spec: Specification, watch: Watch) -> BuiltEnvironment:
        """Return the build of a specification, making it when there is none yet.

        Raises
        ------
        PreparationError
            When it cannot be resolved or installed.
        BuildCanceled
            When the watcher cancelled.
        """
        choice = self._choices.known(spec)
        if choice is not None:
            found = self._found(choice, spec)
            if found is not None:
                return _explained(found, choice)
        # Only now: the log of a finished build stays for as long as the build is used.
        watch.log_path.write_bytes(b"")
        try:
            space.sweep(self._builds)
        except OSError as error:
            raise failures.cannot_write(self._builds, error) from error
        choice, plan = self._plan(spec, watch)
        return _explained(self._builder(choice).build(plan, watch), choice)

    def _found(self, choice: Choice, spec: Specification) -> BuiltEnvironment | None:
        builder = self._builder(choice)
        try:
            known = builder.known(spec)
        except MissingOnComputer:
            if choice.is_stand_in:
                # The channels may have the Python that this computer lacks: they are asked again.
                return None
            raise
        return builder.find(known) if known else None

    def expected(self, spec: Specification) -> Choice:
        """Return which builder a build would use, and why, as far as that is known without asking any server."""
        known = self._choices.known(spec)
        if known is not None and not known.is_stand_in:
            return known
        names = ", ".join(spec.channels)
        return Choice(CONDA, f"If the channels {names} can be reached; else the packages come from PyPI.")

    def resolve(self, spec: Specification, watch: Watch, builder: str = "") -> EnvironmentLock:
        """Return what a specification resolves to, without installing anything.

        Parameters
        ----------
        builder : str
            The one to ask, this time; empty for the one that a build would use.

        Raises
        ------
        PreparationError
            When it cannot be resolved.
        BuildCanceled
            When the watcher cancelled.
        """
        if builder:
            choice = self._choices.wanted(spec, builder)
            return replace(self._builder(choice).plan(spec, watch).lock, chosen_because=choice.why)
        choice, plan = self._plan(spec, watch)
        return replace(plan.lock, chosen_because=choice.why)

    def fetch_size(self, spec: Specification) -> FetchSize:
        """Return what the build of a specification would fetch; nothing once it is there. Asks the package index."""
        known = self._choices.known(spec)
        try:
            if known is not None and self._found(known, spec) is not None:
                return FetchSize(0)
        except MissingOnComputer:
            pass
        if self.expected(spec).builder != CONDA:
            return UvBuilder(self._builds, self._policy).fetch_size(spec)
        if spec.pypi_faults:
            return FetchSize(None, why="conda tells it only while it builds")
        found = UvBuilder(self._builds, self._policy).fetch_size(spec)
        return replace(found, why="from PyPI; packages of conda have another size") if found.size_bytes else found

    def key_of(self, spec: Specification) -> str:
        """Return the key of the build that a specification became, without asking any server; empty for none."""
        choice = self._choices.known(spec)
        plan = self._builder(choice).known(spec) if choice is not None else None
        return build_folder.key_of(plan.lock) if plan is not None else ""

    def prefer(self, spec: Specification, builder: str) -> None:
        """Have a specification built by a certain builder from now on; empty lets Desktop AML choose again.

        Raises
        ------
        InvalidInput
            When there is no such builder, or it cannot build such a specification.
        """
        self._choices.prefer(spec, builder)

    def _plan(self, spec: Specification, watch: Watch) -> tuple[Choice, Plan]:
        try:
            choice = self._choices.choose(spec, watch)
            _log_choice(choice, watch)
            try:
                return choice, self._builder(choice).plan(spec, watch)
            except ChannelsUnreachable as error:
                # They answered a moment ago, or nobody asked them because the user chose conda.
                if choice.is_the_users:
                    raise
                choice = self._choices.stand_in(spec, error.message.rstrip("."), watch)
                _log_choice(choice, watch)
                return choice, self._builder(choice).plan(spec, watch)
        except OSError as error:
            raise failures.cannot_write(self._builds, error) from error

    def _builder(self, choice: Choice) -> Builder:
        if choice.builder == CONDA:
            # Imported here: most environments come from PyPI.
            from desktop_aml.environments.build.conda_builder import CondaBuilder

            return CondaBuilder(self._builds, self._policy)
        return UvBuilder(self._builds, self._policy)


def _explained(built: BuiltEnvironment, choice: Choice) -> BuiltEnvironment:
    return replace(built, lock=replace(built.lock, chosen_because=choice.why))


def _log_choice(choice: Choice, watch: Watch) -> None:
    watch.say("Choosing", f"Builder: {choice.builder}. {choice.why}", 0.03)
