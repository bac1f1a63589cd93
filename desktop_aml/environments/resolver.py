"""The resolver: requirements to exact versions and hashes, with uv. What was resolved once is remembered."""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
import tempfile
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
        self._locks = builds / "locks"

    def known(self, spec: Specification) -> Plan | None:
        """Return the lock of a specification that was resolved before, without starting anything slow.

        Raises
        ------
        MissingOnComputer
            When there is no such Python here.
        """
        interpreter, notes = self._interpreter(spec)
        if not spec.requirements:
            return _plan("", spec, interpreter, notes)
        try:
            text = self._remembered(spec, interpreter).read_text("utf-8")
        except OSError:
            return None
        return _plan(text, spec, interpreter, notes)

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
        known = self.known(spec)
        if known is not None:
            return known
        interpreter, notes = self._interpreter(spec)
        remembered = self._remembered(spec, interpreter)
        try:
            with exclusive(remembered.with_suffix(".resolving"), watch.cancel, lambda: watch.tell("Waiting")) as held:
                if not remembered.is_file():
                    watch.tell("Resolving", f"{len(spec.requirements)} packages asked for", 0.05)
                    write_whole(remembered, self._resolve(spec, interpreter, watch, held))
                text = remembered.read_text("utf-8")
        except OSError as error:
            raise failures.cannot_write(self._locks, error) from error
        return _plan(text, spec, interpreter, notes)

    def _interpreter(self, spec: Specification) -> tuple[Interpreter, tuple[str, ...]]:
        found = interpreters.find_all(self._builds / "interpreters.json")
        interpreter, note = interpreters.choose(spec.python, found, self._policy)
        return interpreter, (*spec.notes, *([note] if note else []))

    def _remembered(self, spec: Specification, interpreter: Interpreter) -> Path:
        asked = [[wanted.text, list(wanted.hashes)] for wanted in spec.requirements]
        question = json.dumps([asked, interpreter.version_text, this_platform(), spec.allow_prereleases])
        return self._locks / f"{hashlib.sha256(question.encode()).hexdigest()}.txt"

    def _resolve(self, spec: Specification, interpreter: Interpreter, watch: Watch, held: int) -> str:
        with tempfile.TemporaryDirectory(dir=self._locks, prefix=".resolving-") as name:
            asked, answer = Path(name) / "requirements.in", Path(name) / "lock.txt"
            asked.write_text("".join(f"{wanted.text}\n" for wanted in spec.requirements), "utf-8")
            words = [uv_process.uv_path(), "pip", "compile", str(asked), "--output-file", str(answer)]
            words += ["--python", interpreter.path, "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
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


def _plan(text: str, spec: Specification, interpreter: Interpreter, notes: tuple[str, ...]) -> Plan:
    packages = lock_text.packages_of(text)
    lock = EnvironmentLock(interpreter.version_text, this_platform(), BUILDER, packages, text, notes)
    return Plan(lock, spec, interpreter.path)


def this_platform() -> str:
    """Return what a build of this computer cannot be used without, such as ``linux-x86_64-glibc``."""
    return f"{sysconfig.get_platform()}-{platform.libc_ver()[0] or 'libc'}"
