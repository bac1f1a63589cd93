"""The resolver: requirements to exact versions and hashes, with uv. What was resolved once is remembered."""

from __future__ import annotations

import platform
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import EnvironmentLock, PythonPinPolicy
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments import failures, interpreters, lock_text, uv_process
from desktop_aml.environments.builder import Plan, Watch
from desktop_aml.environments.interpreters import Interpreter
from desktop_aml.environments.remembered import Remembered
from desktop_aml.environments.spec import Specification

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
    """

    python_version: str
    platform: str
    builder: str
    words: tuple[str, ...]
    notes: tuple[str, ...] = ()


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
        text = self._remembered.get(_question(spec, target)) if spec.requirements else ""
        return None if text is None else _lock(text, target, spec)

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
        return _lock(text, target, spec)


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

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before, without starting anything slow.

        Raises
        ------
        MissingOnComputer
            When there is no such Python here.
        """
        interpreter, target = self._target(spec)
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
        interpreter, target = self._target(spec)
        return Plan(self._locks.lock(spec, target, watch), spec, interpreter.path)

    def _target(self, spec: Specification) -> tuple[Interpreter, Target]:
        found = interpreters.find_all(self._builds / "interpreters.json")
        interpreter, note = interpreters.choose(spec.python, found, self._policy)
        notes = (note,) if note else ()
        words = ("--python", interpreter.path)
        return interpreter, Target(interpreter.version_text, this_platform(), BUILDER, words, notes)


def _question(spec: Specification, target: Target) -> list[object]:
    asked = [[wanted.text, list(wanted.hashes)] for wanted in spec.requirements]
    return [asked, target.python_version, target.platform, spec.allow_prereleases]


def _resolve(spec: Specification, target: Target, watch: Watch, work: Path, held: int) -> str:
    watch.tell("Resolving", f"{len(spec.requirements)} packages asked for", 0.05)
    answer = compile_requirements(
        spec, target.words, watch, work, held, on_line=lambda line: watch.tell("Resolving", line[:200], 0.1)
    )
    if not lock_text.packages_of(answer):
        raise PreparationError(
            "No package is left to install: the markers of the requirements exclude this computer.",
            "Remove the markers, or the requirements.",
        )
    return answer


def compile_requirements(
    spec: Specification,
    target: Sequence[str],
    watch: Watch,
    work: Path,
    held: int,
    *,
    on_line: Callable[[str], None],
) -> str:
    """Return the requirements of a specification as a lock, with hashes.

    Parameters
    ----------
    target : sequence of str
        Words for ``uv pip compile`` that say which Python it is for, and whatever else it shall know.

    Raises
    ------
    PreparationError
        With the line at fault and the resolver's reason.
    BuildCanceled
        When the watcher cancelled.
    """
    asked, answer = work / "requirements.in", work / "lock.txt"
    asked.write_text("".join(f"{wanted.text}\n" for wanted in spec.requirements), "utf-8")
    words = [uv_process.uv_path(), "pip", "compile", str(asked), "--output-file", str(answer)]
    words += [*target, "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    if spec.allow_prereleases:
        words += ["--prerelease", "allow"]
    code, printed = uv_process.run(
        words, log_path=watch.log_path, cancel=watch.cancel, cwd=work, on_line=on_line, keep_open=(held,)
    )
    if code != 0:
        raise failures.explain(printed, spec)
    return lock_text.with_allowed_hashes(answer.read_text("utf-8"), spec)


def _lock(text: str, target: Target, spec: Specification) -> EnvironmentLock:
    packages = lock_text.packages_of(text)
    notes = (*spec.notes, *spec.pypi_notes, *target.notes)
    return EnvironmentLock(target.python_version, target.platform, target.builder, packages, text, notes)


def this_platform() -> str:
    """Return what a build of this computer cannot be used without, such as ``linux-x86_64-glibc``."""
    return f"{sysconfig.get_platform()}-{platform.libc_ver()[0] or 'libc'}"
