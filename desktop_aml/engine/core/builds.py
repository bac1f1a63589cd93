"""Builds of environments: started, watched and cancelled by the engine, done by the builders on workers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from desktop_aml.domain.environments import (
    AUTOMATIC,
    OWN_PYTHON,
    THIS_PYTHON,
    BuildPlace,
    BuildProgress,
    BuildState,
    BuiltEnvironment,
    EnvironmentKind,
    EnvironmentVersion,
    place_fault,
)
from desktop_aml.domain.errors import (
    BuildCanceled,
    ChannelsUnreachable,
    Conflict,
    DesktopAMLError,
    IndexUnreachable,
    InvalidInput,
    MissingOnComputer,
    NotFound,
    PreparationError,
    StorageError,
)
from desktop_aml.domain.events import BuildProgressed, EnvironmentRegistered
from desktop_aml.domain.requests import BuildEnvironment
from desktop_aml.domain.values import dataclass
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.environments import curated
from desktop_aml.environments.spec.extra_packages import with_packages
from desktop_aml.store import environments
from desktop_aml.system.files import make_missing
from desktop_aml.system.new_files import PRIVATE

Report = Callable[[BuildProgress], None]

NO_FAULT_OF_THE_ENVIRONMENT = (MissingOnComputer, ChannelsUnreachable, IndexUnreachable, StorageError)
"""What keeps a build from being done, whatever its specification says: no engine, no network, no room."""

LOG_NAMES = {BuildPlace.LOCAL: "build.log", BuildPlace.IMAGE: "image-build.log"}
"""What the log of a build is called in the folder of the version."""


class EnvironmentSource(Protocol):
    """What the engine needs of the builders; `desktop_aml.environments` provides it."""

    def make_ready(
        self,
        kind: EnvironmentKind,
        text: str,
        *,
        place: BuildPlace,
        report: Report,
        cancel: threading.Event,
        log_path: Path,
    ) -> BuiltEnvironment:
        """Return an interpreter for a specification, building it when there is none yet."""

    def this_python(self) -> BuiltEnvironment:
        """Return the interpreter that Desktop AML itself uses."""

    def this_python_as_image(
        self, packages: tuple[str, ...] = (), *, report: Report, cancel: threading.Event, log_path: Path
    ) -> BuiltEnvironment:
        """Return an image with the Python version and the packages for machine learning of `this_python`, and more."""

    def prefer(self, kind: EnvironmentKind, text: str, builder: str) -> None:
        """Have a specification built by a certain builder from now on; empty lets the builders choose again."""

    def finish(self, built: BuiltEnvironment, cancel: threading.Event) -> None:
        """Wait for what a build still does in the background, for whoever counts on its speed."""

    def is_there(self, key: str) -> bool:
        """Whether the build with this key lies on the disk."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The environment of a run: a version of a registered one, or this computer's Python (`version` None)."""

    name: str
    version: EnvironmentVersion | None
    packages: tuple[str, ...] = ()
    """What an image of this computer's Python gets beside what is installed here."""

    @property
    def label(self) -> str:
        """``name:version``, or the bare name."""
        return self.version.label if self.version else self.name

    def with_packages(self, packages: tuple[str, ...]) -> Chosen:
        """Return the environment with more packages in its specification."""
        if self.version is None:
            return replace(self, packages=packages)
        text = with_packages(self.version.kind, self.version.text, packages)
        return replace(self, version=replace(self.version, text=text))


class Builds:
    """The builds of one engine."""

    def __init__(self, desk: Desk, source: EnvironmentSource) -> None:
        self._desk = desk
        self._source = source
        self._cancels: dict[tuple[str, int], threading.Event] = {}
        self._asked: dict[tuple[str, int], BuildEnvironment] = {}
        """What asks again for the builds that are under way for their own sake."""
        self._needed: dict[tuple[str, int], list[threading.Event]] = {}
        """What cancels the builds that runs and endpoints wait for."""

    def choose(self, words: str, place: BuildPlace | None = None) -> Chosen:
        """Return the environment that ``name`` or ``name:version`` means.

        Parameters
        ----------
        place : BuildPlace, optional
            Where it is to be used.

        Raises
        ------
        NotFound
            When there is none.
        InvalidInput
            When it can never be used at `place`.
        """
        name, _, version = words.partition(":")
        if name in (THIS_PYTHON, OWN_PYTHON):
            return Chosen(name, None)
        if version and not version.isdigit():
            raise NotFound(f"“{words}” does not name an environment.", "Write name or name:version, as in sklearn:2.")
        found = self._find(name, int(version or 0))
        message, hint = place_fault(found.kind, place) if place is not None else ("", "")
        if message:
            raise InvalidInput(f"{found.label}: {message}", hint)
        return Chosen(found.name, found)

    def register(
        self, name: str, kind: EnvironmentKind, text: str, description: str
    ) -> tuple[EnvironmentVersion, bool]:
        """Save `text` as the next version of `name` and return whether it is a new one.

        Raises
        ------
        Conflict
            When the name belongs to a curated environment and the text does not.
        """
        curated.check_registration(name, text)
        with self._desk.commit():
            version, new = environments.register(self._desk.db, name, kind, text, description, self._desk.now())
            if new:
                self._desk.announce(EnvironmentRegistered(version.name, version.version))
        return version, new

    def _find(self, name: str, number: int) -> EnvironmentVersion:
        """Return a registered version; a curated one is registered by its first use."""
        own = curated.get(name, number)
        if own is not None and (number == 0 or not environments.versions(self._desk.db, name)):
            return self.register(name, own.kind, own.text, own.description)[0]
        try:
            return environments.get(self._desk.db, name, number)
        except NotFound as error:
            raise curated.explain_missing(error, name) from None

    def make_ready(
        self, chosen: Chosen, report: Report, cancel: threading.Event, place: BuildPlace = BuildPlace.LOCAL
    ) -> BuiltEnvironment:
        """Return the interpreter of `chosen` for a place. Slow: call it on a worker.

        Whoever lets a run or an endpoint wait for it calls `need` before and `needed_no_more` afterwards.
        """
        version = chosen.version
        if version is None and place is BuildPlace.LOCAL:
            return self._source.this_python()
        folder = self._desk.folder.environment(chosen.name, version.version if version else 0)
        make_missing(folder, within=self._desk.folder.root)
        log_path = folder / LOG_NAMES[place]
        # Builders append; made here, it is for its owner alone: it names paths and addresses.
        with contextlib.suppress(FileExistsError):
            log_path.touch(PRIVATE, exist_ok=False)
        if version is None:
            return self._source.this_python_as_image(chosen.packages, report=report, cancel=cancel, log_path=log_path)
        key = (version.name, version.version)

        def tell(progress: BuildProgress) -> None:
            report(progress)
            event = BuildProgressed(*key, BuildState.BUILDING, progress.stage, progress.message, progress.fraction)
            self._desk.emit(replace(event, asked=key in self._cancels))

        return self._source.make_ready(
            version.kind,
            version.text,
            place=place,
            report=tell,
            cancel=cancel,
            log_path=log_path,
        )

    def need(self, chosen: Chosen, cancel: threading.Event) -> None:
        """Note that something waits for `chosen`, and what stops that."""
        if chosen.version is not None:
            self._needed.setdefault((chosen.version.name, chosen.version.version), []).append(cancel)

    def needed_no_more(
        self,
        chosen: Chosen,
        cancel: threading.Event,
        error: DesktopAMLError | None,
        built: BuiltEnvironment | None = None,
    ) -> None:
        """Note how the preparation that waited for `chosen` ended; the last one ends what is shown of the build.

        Parameters
        ----------
        error : DesktopAMLError or None
            What ended it before its time.
        built : BuiltEnvironment, optional
            What it was built to, where whoever waited does not record that itself.
        """
        if chosen.version is None:
            return
        if built is not None and error is None:
            with self._desk.commit():
                self.record(chosen, built)
        key = (chosen.version.name, chosen.version.version)
        waiting = self._needed.get(key, [])
        if cancel in waiting:
            waiting.remove(cancel)
        if waiting or key in self._cancels:
            return
        self._needed.pop(key, None)
        state = environments.summary(self._desk.db, *key).state
        if error is None:
            state = BuildState.READY if state is BuildState.NOT_BUILT else state
        elif isinstance(error, BuildCanceled):
            state = BuildState.CANCELED
        elif isinstance(error, PreparationError) and not isinstance(error, NO_FAULT_OF_THE_ENVIRONMENT):
            if state is not BuildState.READY:
                with self._desk.commit():
                    environments.set_state(self._desk.db, *key, BuildState.FAILED)
            state = BuildState.FAILED
        self._desk.emit(BuildProgressed(*key, state, message=error.message if error else "", asked=False))

    def record(self, chosen: Chosen, built: BuiltEnvironment) -> str:
        """Store what an environment resolved to and return the hash of its lock. Call inside a commit."""
        lock_hash = environments.save_lock(self._desk.db, built.lock)
        if chosen.version is not None:
            name, number = chosen.version.name, chosen.version.version
            if built.image and not chosen.version.kind.needs_docker:
                # The state tells of the build on this computer; Docker itself knows its images.
                environments.set_image_built(self._desk.db, name, number, lock_hash)
                state = environments.summary(self._desk.db, name, number).state
                self._desk.announce(BuildProgressed(name, number, state))
                return lock_hash
            environments.set_built(
                self._desk.db,
                name,
                number,
                key=built.key,
                lock_hash=lock_hash,
                python_version=built.lock.python_version,
            )
            self._desk.announce(BuildProgressed(name, number, BuildState.READY))
        return lock_hash

    def start(self, name: str, number: int, builder: str = "") -> EnvironmentVersion:
        """Begin to build a version for its own sake. Call inside a commit.

        Parameters
        ----------
        builder : str
            The one to use from now on, or ``"automatic"``; empty changes nothing. ``"image"``: build an image for
            Docker this time, which changes nothing either.

        Raises
        ------
        Conflict
            When it is being built already.
        InvalidInput
            When the builder cannot build it.
        """
        version = self._find(name, number)
        key = (version.name, version.version)
        if key in self._cancels:
            raise Conflict(f"The environment {version.label} is being built already.", "Watch it in its pane.")
        if builder and builder != BuildPlace.IMAGE:
            self._source.prefer(version.kind, version.text, "" if builder == AUTOMATIC else builder)
        cancel = self._cancels[key] = threading.Event()
        self._asked[key] = BuildEnvironment(name=version.name, version=version.version, builder=builder)
        in_docker = builder == BuildPlace.IMAGE or version.kind.needs_docker
        place = BuildPlace.IMAGE if in_docker else BuildPlace.LOCAL
        before = environments.state(self._desk.db, *key)
        environments.set_state(self._desk.db, *key, BuildState.BUILDING)
        self._desk.announce(BuildProgressed(*key, BuildState.BUILDING, "Waiting"))
        chosen = Chosen(name, version)

        def ended(result: BuiltEnvironment | Failed) -> None:
            is_extra = in_docker and not version.kind.needs_docker
            self._ended(chosen, result, before, is_extra=is_extra)

        def begin() -> None:
            self._desk.later(lambda: self.make_ready(chosen, lambda _: None, cancel, place), ended)

        self._desk.afterwards(begin)
        return version

    def _ended(self, chosen: Chosen, result: BuiltEnvironment | Failed, before: BuildState, *, is_extra: bool) -> None:
        """Record the end of a build; one that is `is_extra`, for Docker, gives the state `before` back."""
        assert chosen.version is not None
        key = (chosen.version.name, chosen.version.version)
        self._cancels.pop(key, None)
        self._asked.pop(key, None)
        with self._desk.commit():
            if isinstance(result, Failed):
                canceled = isinstance(result.error, BuildCanceled)
                state = BuildState.CANCELED if canceled else BuildState.FAILED
                is_no_fault = isinstance(result.error, NO_FAULT_OF_THE_ENVIRONMENT)
                kept = before if is_no_fault or (is_extra and before is BuildState.READY) else None
                environments.set_state(self._desk.db, *key, kept or state)
                words = "" if canceled else str(result.error)
                self._desk.announce(BuildProgressed(*key, state, message=words))
            else:
                if is_extra:
                    environments.set_state(self._desk.db, *key, before)
                self.record(chosen, result)

    def finish(self, built: BuiltEnvironment, cancel: threading.Event) -> None:
        """Wait until a build is as quick as it will be. Slow: call it on a worker."""
        self._source.finish(built, cancel)

    def forget(self, keys: Sequence[str]) -> None:
        """Mark the versions whose builds were removed as not built. Call inside a commit."""
        for gone in environments.forget_builds(self._desk.db, keys):
            self._desk.announce(BuildProgressed(gone.name, gone.version, BuildState.NOT_BUILT))

    def forget_missing(self) -> None:
        """Mark the versions whose builds went while no engine looked. Call inside a commit."""
        built = environments.builds(self._desk.db)
        folders = {one.key for one in built if not (one.kind is EnvironmentKind.EXISTING or one.kind.needs_docker)}
        self.forget([key for key in folders if not self._source.is_there(key)])

    def cancel(self, name: str, number: int) -> None:
        """Stop a build.

        Raises
        ------
        NotFound
            When none is under way.
        """
        cancel = self._cancels.get((name, number))
        cancels = [cancel] if cancel is not None else list(self._needed.get((name, number), ()))
        if not cancels:
            raise NotFound(f"The environment {name}:{number} is not being built.")
        for one in cancels:
            one.set()

    def is_built(self, name: str, number: int) -> bool:
        """Whether a version is being built, for its own sake or for a run."""
        return (name, number) in self._cancels or bool(self._needed.get((name, number)))

    def are_idle(self) -> bool:
        """Whether nothing is being built for its own sake."""
        return not self._cancels

    def unfinished(self) -> tuple[BuildEnvironment, ...]:
        """Return what asks again for the builds under way that nobody stopped, for the engine that comes next."""
        return tuple(asked for key, asked in self._asked.items() if not self._cancels[key].is_set())

    def cancel_all(self) -> None:
        """Stop every build, because the engine ends."""
        for cancel in self._cancels.values():
            cancel.set()
