"""The resolver: requirements to exact versions and hashes, with uv. What was resolved once is remembered."""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import EnvironmentLock, PythonPinPolicy
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments import failures, interpreters, lock_text, uv_process
from desktop_aml.environments.build_files import exclusive, write_whole
from desktop_aml.environments.builder import Plan, Watch
from desktop_aml.environments.interpreters import Interpreter
from desktop_aml.environments.spec import Specification

BUILDER: Final = "uv"


@dataclass(frozen=True, slots=True)
class Target:
    """The Python that packages are chosen for.

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
        self._folder = folder

    def known(self, spec: Specification, target: Target) -> EnvironmentLock | None:
        """Return the lock of a specification that was resolved before, without starting anything slow."""
        if not spec.requirements:
            return _lock("", target, spec)
        try:
            return _lock(self._remembered(spec, target).read_text("utf-8"), target, spec)
        except OSError:
            return None

    def lock(self, spec: Specification, target: Target, watch: Watch) -> EnvironmentLock:
        """Resolve a specification.

        Raises
        ------
        PreparationError
            With the line at fault and the resolver's reason.
        BuildCanceled
            When the watcher cancelled.
        """
        known = self.known(spec, target)
        if known is not None:
            return known
        remembered = self._remembered(spec, target)
        try:
            with exclusive(remembered.with_suffix(".resolving"), watch.cancel, lambda: watch.tell("Waiting")) as held:
                if not remembered.is_file():
                    watch.tell("Resolving", f"{len(spec.requirements)} packages asked for", 0.05)
                    write_whole(remembered, self._resolve(spec, target, watch, held))
                return _lock(remembered.read_text("utf-8"), target, spec)
        except OSError as error:
            raise failures.cannot_write(self._folder, error) from error

    def _remembered(self, spec: Specification, target: Target) -> Path:
        asked = [[wanted.text, list(wanted.hashes)] for wanted in spec.requirements]
        question = json.dumps([asked, target.python_version, target.platform, spec.allow_prereleases])
        return self._folder / f"{hashlib.sha256(question.encode()).hexdigest()}.txt"

    def _resolve(self, spec: Specification, target: Target, watch: Watch, held: int) -> str:
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".resolving-") as name:
            asked, answer = Path(name) / "requirements.in", Path(name) / "lock.txt"
            asked.write_text("".join(f"{wanted.text}\n" for wanted in spec.requirements), "utf-8")
            words = [uv_process.uv_path(), "pip", "compile", str(asked), "--output-file", str(answer)]
            words += [*target.words, "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
            if spec.allow_prereleases:
                words += ["--prerelease", "allow"]
            code, printed = uv_process.run(
                words,
                log_path=watch.log_path,
                cancel=watch.cancel,
                cwd=Path(name),
                on_line=lambda line: watch.tell("Resolving", line[:200], 0.1),
                keep_open=(held,),
            )
            if code != 0:
                raise failures.explain(printed, spec)
            text = lock_text.with_allowed_hashes(answer.read_text("utf-8"), spec)
        if not lock_text.packages_of(text):
            raise PreparationError(
                "No package is left to install: the markers of the requirements exclude this computer.",
                "Remove the markers, or the requirements.",
            )
        return text


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
        """Return the lock of a specification that was resolved before, without starting anything slow.

        Raises
        ------
        MissingOnComputer
            When there is no such Python here.
        """
        interpreter, target = self._target(spec)
        lock = self._locks.known(spec, target)
        return Plan(lock, spec, interpreter.path) if lock is not None else None

    def lock(self, spec: Specification, watch: Watch) -> Plan:
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


def _lock(text: str, target: Target, spec: Specification) -> EnvironmentLock:
    packages = lock_text.packages_of(text)
    notes = (*spec.notes, *target.notes)
    return EnvironmentLock(target.python_version, target.platform, target.builder, packages, text, notes)


def this_platform() -> str:
    """Return what a build of this computer cannot be used without, such as ``linux-x86_64-glibc``."""
    return f"{sysconfig.get_platform()}-{platform.libc_ver()[0] or 'libc'}"
