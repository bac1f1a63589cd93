"""The resolver: requirements to exact versions and hashes, with uv. What was resolved once is remembered."""

from __future__ import annotations

import platform
import sysconfig
from collections.abc import Callable, Sequence
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


class Resolver:
    """Resolves specifications.

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
        self._locks = Remembered(builds / "locks", ".txt")

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before, without starting anything slow.

        Raises
        ------
        MissingOnComputer
            When there is no such Python here.
        """
        interpreter, notes = self._interpreter(spec)
        text = self._locks.get(_question(spec, interpreter)) if spec.requirements else ""
        return None if text is None else _plan(text, spec, interpreter, notes)

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
        interpreter, notes = self._interpreter(spec)
        text = ""
        if spec.requirements:
            text = self._locks.get_or_ask(
                _question(spec, interpreter), watch, lambda work, held: _resolve(spec, interpreter, watch, work, held)
            )
        return _plan(text, spec, interpreter, notes)

    def _interpreter(self, spec: Specification) -> tuple[Interpreter, tuple[str, ...]]:
        found = interpreters.find_all(self._builds / "interpreters.json")
        interpreter, note = interpreters.choose(spec.python, found, self._policy)
        return interpreter, (*spec.notes, *spec.pypi_notes, *([note] if note else []))


def _question(spec: Specification, interpreter: Interpreter) -> list[object]:
    asked = [[wanted.text, list(wanted.hashes)] for wanted in spec.requirements]
    return [asked, interpreter.version_text, this_platform(), spec.allow_prereleases]


def _resolve(spec: Specification, interpreter: Interpreter, watch: Watch, work: Path, held: int) -> str:
    watch.tell("Resolving", f"{len(spec.requirements)} packages asked for", 0.05)
    answer = compile_requirements(
        spec, interpreter.path, watch, work, held, on_line=lambda line: watch.tell("Resolving", line[:200], 0.1)
    )
    if not lock_text.packages_of(answer):
        raise PreparationError(
            "No package is left to install: the markers of the requirements exclude this computer.",
            "Remove the markers, or the requirements.",
        )
    return answer


def compile_requirements(
    spec: Specification,
    python: str,
    watch: Watch,
    work: Path,
    held: int,
    *,
    on_line: Callable[[str], None],
    more: Sequence[str] = (),
) -> str:
    """Return the requirements of a specification as a lock for an interpreter, with hashes.

    Parameters
    ----------
    more : sequence of str
        Further words for ``uv pip compile``.

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
    words += ["--python", python, "--generate-hashes", "--no-header", "--no-annotate", "--quiet", *more]
    if spec.allow_prereleases:
        words += ["--prerelease", "allow"]
    code, printed = uv_process.run(
        words, log_path=watch.log_path, cancel=watch.cancel, cwd=work, on_line=on_line, keep_open=(held,)
    )
    if code != 0:
        raise failures.explain(printed, spec)
    return lock_text.with_allowed_hashes(answer.read_text("utf-8"), spec)


def _plan(text: str, spec: Specification, interpreter: Interpreter, notes: tuple[str, ...]) -> Plan:
    packages = lock_text.packages_of(text)
    lock = EnvironmentLock(interpreter.version_text, this_platform(), BUILDER, packages, text, notes)
    return Plan(lock, spec, interpreter.path)


def this_platform() -> str:
    """Return what a build of this computer cannot be used without, such as ``linux-x86_64-glibc``."""
    return f"{sysconfig.get_platform()}-{platform.libc_ver()[0] or 'libc'}"
