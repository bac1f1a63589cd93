"""Environments: what runs and models need, as specifications with versions, and what those resolve to."""

from __future__ import annotations

import shlex
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop_aml.domain.compare.locks import EnvironmentDiff, EnvironmentPreview, LockSide, compare
from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import (
    BuildProgress,
    BuildState,
    EnvironmentKind,
    EnvironmentLock,
    EnvironmentSummary,
    EnvironmentVersion,
    SpecProblem,
)
from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.lock_export import LockFormat, export
from desktop_aml.domain.requests import BuildEnvironment, CancelBuild, RegisterEnvironment
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.environments import curated
from desktop_aml.environments.toolchain.files import known_size
from desktop_aml.settings import builds_folder
from desktop_aml.store import environments
from desktop_aml.system.files import read_regular
from desktop_aml.workspace.builds.space import Builds
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.environment.organising import EnvironmentOrganising
from desktop_aml.workspace.environment.shells import EnvironmentShells
from desktop_aml.workspace.service import Service

_FROM_FILE: Final = "From "
"""Begins the description of an environment that was registered from a file; the file's path follows."""


class Environments(Service):
    r"""The environments of a workspace.

    Attributes
    ----------
    builds : Builds
        What was built of them, and the room that it takes.
    organise : EnvironmentOrganising
        Their names, and the trash.
    shells : EnvironmentShells
        What is executed with one of them, beside any run.

    Examples
    --------
    >>> made = workspace.environments.register("plain", "dependencies:\n  - python=3.11\n")
    >>> made.label
    'plain:1'
    >>> str(workspace.environments.summary("plain").state)
    'Not built'
    """

    def __init__(self, client: EngineClient) -> None:
        super().__init__(client)
        self.builds = Builds(client)
        self.organise = EnvironmentOrganising(client)
        self.shells = EnvironmentShells(client)

    def list(self) -> tuple[EnvironmentSummary, ...]:
        """Return the newest version of each environment: the registered ones, then the curated ones."""
        used = tuple(self._marked(one) for one in environments.summaries(self._db))
        names = {one.name for one in used}
        unused = (curated.summary(one) for one in curated.catalogue().values() if one.name not in names)
        keys = self._build_keys()
        return tuple(self._with_size(one, keys) for one in (*sorted(used, key=lambda one: one.curated), *unused))

    def get(self, name: str, version: int = 0) -> EnvironmentVersion:
        """Return one version of an environment; 0 is the newest."""
        own = self._unused(name, version)
        if own is not None:
            return own
        try:
            return environments.get(self._db, name, version)
        except NotFound as error:
            raise curated.explain_missing(error, name) from None

    def versions(self, name: str) -> tuple[EnvironmentVersion, ...]:
        """Return every version of an environment, newest first."""
        own = self._unused(name)
        return (own,) if own is not None else environments.versions(self._db, name)

    def summary(self, name: str, version: int = 0) -> EnvironmentSummary:
        """Return how one version stands."""
        own = self._unused(name, version)
        found = curated.summary(own) if own is not None else self._marked(environments.summary(self._db, name, version))
        return self._with_size(found, self._build_keys())

    def lock(self, name: str, version: int = 0) -> EnvironmentLock | None:
        """Return what a version resolved to, or None when it was never built."""
        return None if self._unused(name, version) is not None else environments.lock_of(self._db, name, version)

    def check(self, text: str, kind: EnvironmentKind | None = None) -> tuple[SpecProblem, ...]:
        """Return what is wrong with a specification, and what a user should know of it."""
        from desktop_aml.environments.spec import parsing as spec

        return spec.check(text, kind or spec.detect_kind(text))

    def known_packages(self) -> tuple[str, ...]:
        """Return names of packages for who writes a specification, by name; no server is asked.

        Well-known ones, and what the environments of this workspace name and were locked to.
        """
        from desktop_aml.environments.spec.package_names import POPULAR, normalised

        found = {normalised(name): name for name in (*environments.locked_names(self._db), *POPULAR)}
        return tuple(sorted(found.values(), key=str.lower))

    def register(
        self, name: str, text: str, kind: EnvironmentKind | None = None, description: str = ""
    ) -> EnvironmentVersion:
        """Save a specification as the next version of `name`.

        Raises
        ------
        InvalidSpec
            When it holds an error, with line and column.
        """
        from desktop_aml.environments.spec import parsing as spec

        kind = kind or spec.detect_kind(text)
        if (fault := spec.fault_of(spec.check(text, kind))) is not None:
            raise fault
        done = self._client.ask(RegisterEnvironment(name=name, kind=kind, text=text, description=description))
        return self.get(done.name, done.version)

    def register_file(self, path: Path | str, name: str = "", base_image: str = "") -> EnvironmentVersion:
        """Save a conda YAML, a requirements file with what its ``-r`` and ``-c`` lines name, or a project file.

        Parameters
        ----------
        name : str
            Empty: the name that the file gives itself, else the file's own, with that of its folder where a file of
            another folder has taken it.
        base_image : str
            What its image is to be built on, in place of what the file says; ``{version}`` is the Python version.

        Raises
        ------
        InvalidSpec
            When the file is missing, is no text, or holds an error: with line and column.
        """
        from desktop_aml.environments.spec import base_image as spec_base_image
        from desktop_aml.environments.spec import files as spec_files

        path = Path(path)
        text, kind = spec_files.read_spec_file(path)
        if base_image:
            text = spec_base_image.with_base_image(text, kind, base_image)
        origin = _FROM_FILE + str(path.resolve())
        chosen = name or spec_files.own_name_of(text, path.name) or self._name_for(path, text, origin)
        return self.register(chosen, text, kind, origin)

    def _name_for(self, path: Path, text: str, origin: str) -> str:
        """Return a name that no file of another folder has: files without a name are no versions of one another."""
        from desktop_aml.environments.spec import files as spec_files

        for wanted in spec_files.names_for(path):
            try:
                newest = self.get(wanted)
            except NotFound:
                return wanted
            other = newest.description.removeprefix(_FROM_FILE)
            is_others = other != newest.description and newest.description != origin
            # A file that is no more was moved here, or is nobody's.
            if newest.text == text or not is_others or not Path(other).exists():
                return wanted
        raise AssertionError

    def clone(self, name: str, new_name: str, version: int = 0) -> EnvironmentVersion:
        """Save a version of an environment, curated or not, as the first version of another one.

        Raises
        ------
        NotFound
            When there is no such environment.
        Conflict
            When there is a `new_name` already.
        """
        old = self.get(name, version)
        if any(one.name == new_name for one in self.list()):
            raise Conflict(f"There is an environment “{new_name}” already.", "Choose another name.")
        text = curated.with_name(old.text, new_name) if old.kind is EnvironmentKind.CONDA else old.text
        return self.register(new_name, text, old.kind, f"Cloned from {old.label}")

    def build(self, name: str, version: int = 0, *, builder: str = "") -> EnvironmentSummary:
        """Begin to build a version; watch it by events or `summary`.

        Parameters
        ----------
        builder : str
            The builder to use for this text from now on: ``uv``, ``conda``, ``automatic``; empty changes nothing.

        Raises
        ------
        InvalidInput
            When that builder cannot build it.
        """
        done = self._client.ask(BuildEnvironment(name=name, version=version, builder=builder))
        return self.summary(done.name, done.version)

    def cancel_build(self, name: str, version: int) -> None:
        """Stop a build."""
        self._client.ask(CancelBuild(name=name, version=version))

    def build_log(self, name: str, version: int = 0) -> str:
        """Return the log of the last build of a version, here or as an image; empty when there was none."""
        found = self.get(name, version)
        logs = [log for log in self._folder.environment(found.name, found.version).glob("*build.log") if log.is_file()]
        logs.sort(key=lambda log: log.stat().st_mtime)
        return read_regular(logs[-1]).decode("utf-8", "replace") if logs else ""

    def expected_builder(self, text: str, kind: EnvironmentKind | None = None) -> tuple[str, str]:
        """Return which builder a build of a specification would use, and why; no server is asked.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        """
        from desktop_aml.environments.service import BuilderService
        from desktop_aml.environments.spec import parsing as spec

        service = BuilderService(builds_folder(self._client.settings), self._client.settings.python_pin_policy)
        return service.expected_builder(kind or spec.detect_kind(text), text)

    def fetch_size(self, name: str, version: int = 0) -> FetchSize:
        """Return what the first use of an environment on this computer would fetch. Slow: asks the package index.

        Raises
        ------
        NotFound
            When there is no such environment.
        Conflict
            When the workspace is not trusted, so that nobody is asked for what it names.
        """
        from desktop_aml.environments.service import BuilderService

        self._client.check_trust()
        version_ = self.get(name, version)
        service = BuilderService(builds_folder(self._client.settings), self._client.settings.python_pin_policy)
        return service.fetch_size(version_.kind, version_.text)

    def preview(
        self,
        text: str,
        kind: EnvironmentKind | None = None,
        *,
        against: str = "",
        builder: str = "",
        report: Callable[[BuildProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> EnvironmentPreview:
        """Resolve a specification, without installing anything, and return how it differs. Slow.

        Parameters
        ----------
        against : str
            What to compare with, as for `compare`. Empty: nothing, so that every package is new.
        builder : str
            ``uv`` or ``conda``, to see what that one would give; empty for the one that a build would use.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        PreparationError
            When it cannot be resolved: the line, and the resolver's own reason.
        BuildCanceled
            When `cancel` was set.
        """
        from desktop_aml.environments.service import BuilderService
        from desktop_aml.environments.spec import parsing as spec

        self._client.check_trust()  # a source distribution runs code when it is asked what it needs
        service = BuilderService(builds_folder(self._client.settings), self._client.settings.python_pin_policy)
        with tempfile.TemporaryDirectory(prefix="desktop-aml-") as folder:
            lock = service.resolve(
                kind or spec.detect_kind(text),
                text,
                builder=builder,
                report=report or (lambda _: None),
                cancel=cancel or threading.Event(),
                log_path=Path(folder) / "resolve.log",
            )
        nothing = EnvironmentLock(lock.python_version, lock.platform, lock.builder, (), "")
        before = self._side(against) if against else LockSide("", nothing)
        return EnvironmentPreview(lock, compare(before, LockSide("preview", lock, text)))

    def compare(self, before: str, after: str) -> EnvironmentDiff:
        """Return how two environments differ.

        Parameters
        ----------
        before, after : str
            ``name``, ``name:version``, or a run: its id, the beginning of it, or ``latest``.

        Raises
        ------
        NotFound
            When there is no such environment and no such run.
        Conflict
            When one of them was never built, so that nothing is known of its packages.
        """
        return compare(self._side(before), self._side(after))

    def export(self, name: str, version: int = 0, form: LockFormat = LockFormat.REQUIREMENTS) -> str:
        """Return what a version resolved to as text that other tools read.

        Raises
        ------
        NotFound
            When there is no such environment.
        Conflict
            When it was never built.
        InvalidInput
            When the form cannot say what it holds, such as packages of conda in a requirements file.
        """
        found = self.get(name, version)
        return export(self._built_lock(found.name, found.version), found.label, form)

    def _side(self, words: str) -> LockSide:
        try:
            return self._side_of_environment(words)
        except NotFound as error:
            try:
                return self._side_of_run(words)
            except NotFound:
                raise NotFound(
                    f"There is neither an environment nor a run “{words}” in this workspace.", error.hint
                ) from None

    def _side_of_environment(self, words: str) -> LockSide:
        name, _, number = words.partition(":")
        if number and not number.isdigit():
            raise NotFound(f"“{words}” does not name an environment.", "Write name or name:version, as in sklearn:2.")
        version = self.get(name, int(number or 0))
        return LockSide(version.label, self._built_lock(name, version.version), version.text)

    def _side_of_run(self, words: str) -> LockSide:
        detail = self._client.run_detail(words)
        lock = environments.load_lock(self._db, detail.lock_hash)
        if lock is None:
            raise Conflict(
                f"The run “{detail.summary.id}” was not prepared, so nothing is known of its packages.",
                "Compare a run that has started.",
            )
        name = detail.summary.environment.partition(":")[0]
        text = self.get(name, detail.environment_version).text if detail.environment_version else ""
        return LockSide(detail.summary.id, lock, text)

    def _built_lock(self, name: str, version: int) -> EnvironmentLock:
        lock = self.lock(name, version)
        if lock is None:
            raise Conflict(
                f"The environment “{name}:{version}” was never built, so nothing is known of its packages.",
                f"Build it first: desktop-aml environment build {shlex.quote(f'{name}:{version}')}",
            )
        return lock

    def _unused(self, name: str, version: int = 0) -> EnvironmentVersion | None:
        """Return a curated environment that this workspace has not used yet."""
        own = curated.get(name, version)
        return None if own is None or environments.versions(self._db, name) else own

    def _marked(self, one: EnvironmentSummary) -> EnvironmentSummary:
        # A build is its engine's: without one nothing is being built, whatever was written down last.
        left = one.state is BuildState.BUILDING and owner_of(self._folder.owner_lock) is None
        state = BuildState.NOT_BUILT if left else one.state
        return replace(one, curated=curated.is_curated(one.name), state=state)

    def _build_keys(self) -> dict[tuple[str, int], str]:
        return {(one.name, one.version): one.key for one in environments.builds(self._db)}

    def _with_size(self, one: EnvironmentSummary, keys: dict[tuple[str, int], str]) -> EnvironmentSummary:
        # The size that was measured when the build was complete; `builds.space` measures anew.
        key = keys.get((one.name, one.version))
        return replace(one, size_bytes=known_size(builds_folder(self._client.settings) / key)) if key else one
