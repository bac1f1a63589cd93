"""The resolver: requirements to exact versions and hashes, with uv. What was resolved once is remembered."""

from __future__ import annotations

import platform
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import WITHOUT_NETWORK, EnvironmentLock, PythonPinPolicy
from desktop_aml.domain.errors import MissingOnComputer, NotForThisPython, PreparationError
from desktop_aml.environments.resolve import fetch_size, interpreters, lock_text
from desktop_aml.environments.resolve.brought import with_brought
from desktop_aml.environments.resolve.cache import Remembered
from desktop_aml.environments.resolve.compiling import Compiler, notes_of
from desktop_aml.environments.resolve.interpreters import Interpreter
from desktop_aml.environments.resolve.python_choice import MINORS, Candidate, PythonChoices, fitting, is_open
from desktop_aml.environments.resolve.python_choice import Choice as PythonChoice
from desktop_aml.environments.spec import known_bounds
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures
from desktop_aml.environments.toolchain.builder import Plan, Watch

BUILDER: Final = "uv"


@dataclass(frozen=True, slots=True)
class Target:
    """What packages are resolved for.

    Parameters
    ----------
    words : tuple of str
        Tell uv the same.
    notes : tuple of str
        What the user should know of the choice.
    ready_made : tuple of str
        Packages that are taken as wheels only.
    """

    python_version: str
    platform: str
    builder: str
    words: tuple[str, ...]
    notes: tuple[str, ...] = ()
    ready_made: tuple[str, ...] = ()


class Locks:
    """Resolves specifications for a target, each once.

    Parameters
    ----------
    folder : Path
        Where locks are remembered.
    """

    def __init__(self, folder: Path) -> None:
        self._remembered = Remembered(folder, ".txt")

    def known(self, spec: Specification, target: Target) -> EnvironmentLock | None:
        """Return the lock of a specification that was resolved before, without starting anything slow."""
        own = self._remembered.get(_question(spec, target)) if spec.requirements else ""
        text = self._remembered.get(_addition(spec, target)) if spec.brought else own
        return None if own is None or text is None else _lock(text, target, spec)

    def lock(self, spec: Specification, target: Target, watch: Watch) -> EnvironmentLock:
        """Resolve a specification.

        Raises
        ------
        PreparationError
            With the line at fault and the resolver's reason.
        BuildCanceled
            When the watcher cancelled.
        """
        text = ""
        if spec.requirements:
            text = self._remembered.get_or_ask(
                _question(spec, target), watch, lambda work, held: _resolve(spec, target, watch, work, held)
            )
        if not spec.brought:
            return _lock(text, target, spec)
        try:
            whole = self._remembered.get_or_ask(
                _addition(spec, target),
                watch,
                lambda work, held: with_brought(_compiler(spec, target, watch, work, held), text),
            )
        except PreparationError as error:
            if not text or not failures.is_network(error.details):
                raise
            # Without the network an environment that was built before goes on as it is; the next time tries again.
            told = f"{WITHOUT_NETWORK}: {', '.join(one.name for one in spec.brought)}."
            watch.say("Resolving", told)
            return _lock(text, replace(target, notes=(*target.notes, told)), spec)
        return _lock(whole, target, spec)


class Resolver:
    """Resolves specifications for the interpreters of this computer.

    Parameters
    ----------
    builds : Path
        Folder of the builds; locks and what is known of interpreters are remembered in it.
    policy : PythonPinPolicy
        What to do when this computer lacks the Python that a specification names.
    """

    def __init__(self, builds: Path, policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR) -> None:
        self._builds = builds
        self._policy = policy
        self._locks = Locks(builds / "locks")
        self._pythons = PythonChoices(builds / "locks", f"local {this_platform()}")

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before, without starting anything slow.

        Raises
        ------
        MissingOnComputer
            When there is no such Python here.
        """
        here = self._here()
        choice = self._pythons.known(spec) if self._may_choose(spec, here) else None
        try:
            interpreter, target = self._target(spec, here, choice)
        except MissingOnComputer:
            if choice is None:
                raise
            # The Python that was chosen then is gone; another will be.
            return None
        lock = self._locks.known(spec, target)
        return Plan(lock, spec, interpreter.path) if lock is not None else None

    def plan(self, spec: Specification, watch: Watch) -> Plan:
        """Resolve a specification; an unchanged one is resolved once.

        Raises
        ------
        PreparationError
            With the line at fault and the resolver's reason.
        MissingOnComputer
            When there is no such Python here.
        BuildCanceled
            When the watcher cancelled.
        """
        here = self._here()
        try:
            choice = self._choice(spec, here, watch) if self._may_choose(spec, here) else None
            interpreter, target = self._target(spec, here, choice)
            return Plan(self._locks.lock(spec, target, watch), spec, interpreter.path)
        except NotForThisPython as error:
            raise self.advised(error, spec, watch) from error

    def fetch_size(self, spec: Specification) -> FetchSize:
        """Return what a build would fetch, asking the package index but running no code of a package."""
        here = self._here()
        try:
            known = self.known(spec)
            interpreter, _ = self._target(spec, here, self._pythons.known(spec))
        except MissingOnComputer:
            return FetchSize(None, why="its Python is not on this computer")
        if known is not None:
            wanted = [f"{one.name}=={one.version}" for one in known.lock.packages]
        else:
            wanted = [one.text for one in (*spec.requirements, *spec.brought)]
        return fetch_size.ask(wanted, ("--python", interpreter.path), spec) if wanted else FetchSize(0)

    def advised(self, error: NotForThisPython, spec: Specification, watch: Watch) -> NotForThisPython:
        """Return an error with the Python that would do in its hint, when one is found."""
        here = self._here()
        own = _candidates(here)
        minors = {one.minor for one in own}
        words = ("--python", here[0].path) if here else ()
        others = [Candidate(minor, (*words, "--python-version", minor)) for minor in MINORS if minor not in minors]
        return self._pythons.advised(error, spec, own, others, watch)

    def _here(self) -> tuple[Interpreter, ...]:
        return interpreters.find_all(self._builds / "interpreters.json")

    def _may_choose(self, spec: Specification, here: tuple[Interpreter, ...]) -> bool:
        return bool(spec.requirements) and is_open(spec.python, [one.minor for one in _candidates(here)])

    def _choice(self, spec: Specification, here: tuple[Interpreter, ...], watch: Watch) -> PythonChoice:
        known = self._pythons.known(spec)
        if known is not None and fitting(known.pin(spec.python), [one.minor for one in _candidates(here)]):
            return known
        preferred, _ = self._target(spec, here, None)
        candidates = _candidates((preferred, *here))
        open_ = fitting(spec.python, [one.minor for one in candidates])

        def lock(one: Candidate, ready_made: tuple[str, ...]) -> EnvironmentLock:
            chosen = PythonChoice(one.minor, ready_made=ready_made)
            return self._locks.lock(replace(spec, brought=()), self._target(spec, here, chosen)[1], watch)

        choice = self._pythons.choose(spec, [one for one in candidates if one.minor in open_], lock, watch)
        if choice.why:
            watch.tell("Choosing", choice.why, 0.12)
            with watch.log_path.open("a", encoding="utf-8") as log:
                log.write(f"{choice.why}\n")
        return choice

    def _target(
        self, spec: Specification, here: tuple[Interpreter, ...], choice: PythonChoice | None
    ) -> tuple[Interpreter, Target]:
        pin = choice.pin(spec.python) if choice is not None else spec.python
        interpreter, told = interpreters.choose(pin, here, self._policy)
        if choice is not None and choice.why:
            told = choice.why
        ready_made = choice.ready_made if choice is not None else ()
        notes = (told,) if told else ()
        words = ("--python", interpreter.path)
        return interpreter, Target(interpreter.version_text, this_platform(), BUILDER, words, notes, ready_made)


def _candidates(here: tuple[Interpreter, ...]) -> list[Candidate]:
    """Return one candidate for each minor version, in their order."""
    first: dict[str, Candidate] = {}
    for one in here:
        candidate = Candidate(one.version_text, ("--python", one.path))
        first.setdefault(candidate.minor, candidate)
    return list(first.values())


def _question(spec: Specification, target: Target) -> list[object]:
    asked = [[wanted.text, list(wanted.hashes)] for wanted in spec.requirements]
    # What came to be asked later is left out where it says nothing, so that older answers are found.
    later = (target.ready_made, known_bounds.sure(spec.requirements), spec.constraints, spec.only_binary)
    more = [list(one) for one in later if one]
    return [asked, target.python_version, target.platform, spec.allow_prereleases, *more]


def _addition(spec: Specification, target: Target) -> list[object]:
    return ["brought", [one.text for one in spec.brought], *_question(spec, target)]


def _compiler(spec: Specification, target: Target, watch: Watch, work: Path, held: int) -> Compiler:
    words = [*target.words, *(word for name in target.ready_made for word in ("--only-binary", name))]
    return Compiler(spec, words, watch, work, held, lambda line: watch.tell("Resolving", line[:200], 0.1))


def _resolve(spec: Specification, target: Target, watch: Watch, work: Path, held: int) -> str:
    watch.tell("Resolving", f"{len(spec.requirements)} packages asked for", 0.05)
    answer = _compiler(spec, target, watch, work, held).own()
    if not lock_text.packages_of(answer):
        raise PreparationError(
            "No package is left to install: the markers of the requirements exclude this computer.",
            "Remove the markers, or the requirements.",
        )
    return answer


def _lock(text: str, target: Target, spec: Specification) -> EnvironmentLock:
    packages = lock_text.packages_of(text)
    notes = (*spec.notes, *spec.pypi_notes, *target.notes, *notes_of(text))
    return EnvironmentLock(target.python_version, target.platform, target.builder, packages, text, notes)


def this_platform() -> str:
    """Return what a build of this computer cannot be used without, such as ``linux-x86_64-glibc``."""
    return f"{sysconfig.get_platform()}-{platform.libc_ver()[0] or 'libc'}"
