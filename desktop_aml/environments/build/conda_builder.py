"""The builder from conda's channels: packages of conda first, then the ``pip:`` list, locked with hashes.

No installation of conda is needed: the packages are solved and linked by rattler, in a process of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentLock, LockedPackage, PythonPinPolicy
from desktop_aml.domain.errors import ChannelsUnreachable, DiskFull, NotForThisPython, PreparationError
from desktop_aml.environments.build import bytecode, conda_failures
from desktop_aml.environments.build import folder as build_folder
from desktop_aml.environments.build.conda_records import Answer, Record, Task
from desktop_aml.environments.build.uv_builder import Installing, Step, install_requirements
from desktop_aml.environments.resolve import lock_text
from desktop_aml.environments.resolve.brought import with_brought
from desktop_aml.environments.resolve.cache import Remembered
from desktop_aml.environments.resolve.compiling import Compiler, notes_of
from desktop_aml.environments.resolve.python_choice import MINORS, Candidate, fitting, is_open, newest_ready_made
from desktop_aml.environments.resolve.resolver import this_platform
from desktop_aml.environments.resolve.wheels import Wheels
from desktop_aml.environments.spec import known_bounds
from desktop_aml.environments.spec.conda_channels import DEFAULT, addresses
from desktop_aml.environments.spec.package_names import CONDA_TO_PYPI, normalised
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import uv_process
from desktop_aml.environments.toolchain.builder import Plan, Watch

BUILDER: Final = "conda"
_ANY_PYTHON: Final = "python >=3.6"
_EXPLICIT: Final = "@EXPLICIT\n"


class _Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What a specification resolved to: the packages of conda, and the lock of the ``pip:`` list."""

    records: list[Record]
    pip: str = ""
    notes: list[str] = []


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place with another C library than this computer, such as an image.

    Parameters
    ----------
    glibc : str
        Version of its GNU C library, such as ``2.36``.
    prefix : str
        Path that an environment has there.
    platform : str
        What uv calls its platform.
    """

    glibc: str
    prefix: str
    platform: str

    def words(self, python_version: str) -> tuple[str, ...]:
        """Return what tells uv for which Python and platform it chooses packages."""
        return "--python-version", python_version, "--python-platform", self.platform


class CondaBuilder:
    """Builds environments from channels of conda, their Python included.

    Parameters
    ----------
    builds : Path
        Folder of the builds; what is downloaded is kept beside them.
    policy : PythonPinPolicy
        What to do when no channel has the Python that a specification names.
    elsewhere : Elsewhere, optional
        The place that environments are laid out for when that is not this computer.
    """

    def __init__(
        self,
        builds: Path,
        policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._elsewhere = elsewhere
        self._builds = builds
        self._policy = policy
        self._answers = Remembered(builds / "locks", ".conda.json")

    @property
    def name(self) -> str:
        """``conda``."""
        return BUILDER

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before; nothing is asked or started."""
        text = self._answers.get(self._question(spec))
        return None if text is None else _plan(text, spec)

    def plan(self, spec: Specification, watch: Watch) -> Plan:
        """Solve a specification; an unchanged one is solved once.

        Raises
        ------
        ChannelsUnreachable
            When a channel cannot be asked.
        PreparationError
            With the line at fault and the solver's reason.
        BuildCanceled
            When the watcher cancelled.
        """
        text = self._answers.get_or_ask(
            self._question(spec), watch, lambda work, held: self._resolve(spec, watch, work, held)
        )
        return _plan(text, spec)

    def find(self, plan: Plan) -> BuiltEnvironment | None:
        """Return the finished build of a plan; None when there is none or it was damaged since."""
        return build_folder.find(self._builds, plan.lock)

    def build(self, plan: Plan, watch: Watch) -> BuiltEnvironment:
        """Install a plan, or wait for another build of the same one."""
        built = build_folder.make_once(
            self._builds, plan.lock, watch, lambda folder, held: self._install(folder, plan, watch, held)
        )
        bytecode.compile_in_background(self._builds / built.key, Path(built.python))
        return built

    def _question(self, spec: Specification) -> list[object]:
        pip = [[wanted.text, list(wanted.hashes)] for wanted in _pip_part(spec).requirements]
        channels = list(addresses(spec.channels or DEFAULT))
        packages = [match.text for match in spec.matches]
        asked = [channels, packages, pip, this_platform(), spec.allow_prereleases, str(self._policy)]
        brought = [one.text for one in _pip_part(spec).brought]
        later = (brought, spec.constraints, spec.only_binary, known_bounds.sure(spec.requirements))
        asked += [list(one) for one in later if one]
        return [*asked, self._elsewhere.glibc] if self._elsewhere else asked

    def _resolve(self, spec: Specification, watch: Watch, work: Path, held: int) -> str:
        watch.tell("Resolving", f"{len(spec.matches)} packages of conda asked for", 0.05)
        solved = self._solve(spec, watch, work, held)
        part = _pip_part(spec)
        try:
            found = self._with_pip(spec, solved, watch, work, held)
            sources = self._built_from_source(found, watch, work, held) if _leaves_python_open(spec) else ()
            failure = None
        except NotForThisPython as error:
            found, sources, failure = solved, (str(error),), error
        if sources and part.requirements and _leaves_python_open(spec):
            better = self._with_better_python(spec, solved, watch, work, held)
            found, failure = (better, None) if better is not None else (found, failure)
        if failure is not None:
            raise failure
        return msgspec.json.encode(found).decode()

    def _words(self, version: str) -> tuple[str, ...]:
        return self._elsewhere.words(version) if self._elsewhere else ("--python-version", version)

    def _with_pip(self, spec: Specification, solved: _Resolved, watch: Watch, work: Path, held: int) -> _Resolved:
        part = _pip_part(spec)
        if not part.requirements and not part.brought:
            return solved
        watch.tell("Resolving", f"{len(part.requirements)} packages of pip asked for", 0.15)
        pip = _resolve_pip(spec, solved.records, self._words(_python_of(solved)), watch, work, held)
        return msgspec.structs.replace(solved, pip=pip)

    def _built_from_source(self, found: _Resolved, watch: Watch, work: Path, held: int) -> tuple[str, ...]:
        target = ("--python", sys.executable, *self._words(_python_of(found)))
        return Wheels(watch, work, held).missing_from(found.pip, target) if found.pip else ()

    def _with_better_python(
        self, spec: Specification, solved: _Resolved, watch: Watch, work: Path, held: int
    ) -> _Resolved | None:
        """Resolve again for the newest Python with wheels of all of the ``pip:`` list; None when there is none."""
        own = ".".join(_python_of(solved).split(".")[:2])
        minors = dict.fromkeys((own, *fitting(spec.python, MINORS)))
        candidates = [Candidate(minor, ("--python", sys.executable, *self._words(minor))) for minor in minors]
        part = replace(_pip_part(spec), brought=())
        chosen = newest_ready_made(part, candidates, Wheels(watch, work, held), watch)
        if chosen is None or chosen.minor == own:
            return None
        try:
            again = self._solve(spec, watch, work, held, python=chosen.minor)
            found = self._with_pip(spec, again, watch, work, held)
        except (ChannelsUnreachable, DiskFull):
            raise
        except PreparationError:
            return None
        why = f"Python {chosen.minor} is used: for {own} not everything of the pip list is ready-made (a wheel)."
        return msgspec.structs.replace(found, notes=[*found.notes, why])

    def _solve(self, spec: Specification, watch: Watch, work: Path, held: int, python: str = "") -> _Resolved:
        specs = [match.text for match in spec.matches if not (python and match.name == "python")]
        if python or not any(match.name == "python" for match in spec.matches):
            specs.append(f"python {python}.*" if python else _ANY_PYTHON)
        task = Task(cache=self._cache, channels=list(addresses(spec.channels or DEFAULT)), specs=specs)
        if self._elsewhere:
            task = msgspec.structs.replace(task, glibc=self._elsewhere.glibc)
        worker = _Worker(work, watch, held)
        answer = worker("solve", task, lambda line: watch.tell("Resolving", line[:200], 0.1))
        notes: list[str] = []
        if conda_failures.lacks_python(answer) and (stand_in := _same_minor(spec, self._policy)):
            # As with the Pythons of this computer: another patch release of the same minor version will do.
            specs = [stand_in if match.name == "python" else match.text for match in spec.matches]
            task = msgspec.structs.replace(task, specs=specs)
            answer = worker("solve", task, lambda _: None)
            notes.append(_stand_in_note(spec, answer.records))
        if answer.error:
            raise conda_failures.explain(answer, spec)
        kept: dict[str, str] = {}
        while more := known_bounds.broken(_by_name(answer.records), kept):
            bounds = [bound.replace("<", " <") for bound in (*kept, *more)]
            again = worker("solve", msgspec.structs.replace(task, specs=[*task.specs, *bounds]), lambda _: None)
            kept |= more
            if again.error:
                # What the user pins wins, and so does what the channels have.
                break
            answer = again
            notes += more.values()
        return _Resolved(records=answer.records, notes=notes)

    def _install(self, folder: Path, plan: Plan, watch: Watch, held: int) -> None:
        prefix = folder / "prefix"
        conda_count = self.link(folder, prefix, plan, watch, held)
        if plan.lock.text:
            told = Installing(watch, len(plan.lock.packages) - conda_count, 0.7)
            install_requirements(Step(folder, plan.spec, watch, held), prefix, plan.lock.text, told)
        build_folder.write_ready(folder, plan.lock, prefix)

    def link(self, work: Path, prefix: Path, plan: Plan, watch: Watch, held: int) -> int:
        """Install the packages of conda into `prefix`; return how many they are.

        Raises
        ------
        PreparationError
            When they cannot be installed.
        BuildCanceled
            When the watcher cancelled.
        """
        resolved = msgspec.json.decode(plan.material, type=_Resolved)
        count = len(resolved.records)
        watch.tell("Installing", f"{count} packages of conda", 0.2)
        seen_as = self._elsewhere.prefix if self._elsewhere else ""
        task = Task(cache=self._cache, records=resolved.records, prefix=str(prefix), seen_as=seen_as)
        answer = _Worker(work, watch, held)("install", task, _Linking(watch))
        if answer.error:
            raise conda_failures.explain(answer, plan.spec)
        python = prefix / "bin" / "python"
        # In an image it may be a link to what is only there.
        if not (python.is_symlink() if self._elsewhere else False) and not python.exists():
            raise PreparationError(
                "The channels gave a python without an interpreter.", "Name another channel, such as conda-forge."
            )
        minor = ".".join(plan.lock.python_version.split(".")[:2])
        (prefix / "lib" / f"python{minor}" / "site-packages").mkdir(parents=True, exist_ok=True)
        return count

    @property
    def _cache(self) -> str:
        return str(self._builds / "conda")


class _Worker:
    """Starts the process that knows rattler, and reads its answer."""

    def __init__(self, work: Path, watch: Watch, held: int) -> None:
        self._work = work
        self._watch = watch
        self._held = held

    def __call__(self, act: str, task: Task, on_line: Callable[[str], None]) -> Answer:
        asked, answered = self._work / "task.json", self._work / "answer.json"
        asked.write_bytes(msgspec.json.encode(task))
        words = [sys.executable, "-m", "desktop_aml.environments.build.conda_worker", act, str(asked), str(answered)]
        _, printed = uv_process.run(
            words,
            log_path=self._watch.log_path,
            cancel=self._watch.cancel,
            cwd=self._work,
            on_line=on_line,
            keep_open=(self._held,),
        )
        try:
            answer = msgspec.json.decode(answered.read_bytes(), type=Answer)
        except (OSError, msgspec.MsgspecError):
            answer = Answer(error="Unexpected", message=printed[-2000:])
        for path in (asked, answered):
            path.unlink(missing_ok=True)
        return answer


class _Linking:
    """Turns the lines of the installation into progress."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._fraction = 0.2

    def __call__(self, line: str) -> None:
        counted = re.match(r"Linked (\d+) of (\d+)", line)
        if counted:
            self._fraction = max(self._fraction, 0.2 + 0.5 * int(counted[1]) / max(int(counted[2]), 1))
        self._watch.tell("Installing", line[:200], self._fraction)


def _plan(text: str, spec: Specification) -> Plan:
    resolved = msgspec.json.decode(text, type=_Resolved)
    lock = EnvironmentLock(
        python_version=_python_of(resolved),
        platform=this_platform(),
        builder=BUILDER,
        packages=(*map(_package, resolved.records), *lock_text.packages_of(resolved.pip)),
        text=resolved.pip,
        notes=(*spec.notes, *resolved.notes, *notes_of(resolved.pip)),
        explicit=_EXPLICIT + "".join(f"{_explicit_line(record)}\n" for record in resolved.records),
    )
    return Plan(lock, spec, text)


def _package(record: Record) -> LockedPackage:
    hashes = [f"{kind}:{value}" for kind, value in (("sha256", record.sha256), ("md5", record.md5)) if value]
    return LockedPackage(record.name, record.version, tuple(hashes), record.url)


def _explicit_line(record: Record) -> str:
    if record.sha256:
        return f"{record.url}#sha256:{record.sha256}"
    return f"{record.url}#{record.md5}" if record.md5 else record.url


def _pip_part(spec: Specification) -> Specification:
    named = {normalised(CONDA_TO_PYPI.get(match.name) or match.name) for match in spec.matches}
    return replace(
        spec,
        requirements=tuple(wanted for wanted in spec.requirements if wanted.is_pip),
        brought=tuple(wanted for wanted in spec.brought if wanted.name not in named),
    )


def _resolve_pip(
    spec: Specification, records: list[Record], words: tuple[str, ...], watch: Watch, work: Path, held: int
) -> str:
    """Resolve the ``pip:`` list for the Python of the channels, beside what conda brings, which stays as it is."""
    there = _by_name(records)
    (work / "constraints.txt").write_text(
        "".join(f"{name}=={version}\n" for name, version in there.items() if re.fullmatch(r"\d+(\.\d+)*", version))
    )
    target = ["--python", sys.executable, *words]
    target += ["--constraint", str(work / "constraints.txt")]
    for name in there:
        target += ["--no-emit-package", name]
    part = _pip_part(spec)
    part = replace(part, brought=tuple(one for one in part.brought if one.name not in there))
    compiler = Compiler(part, target, watch, work, held, lambda line: watch.tell("Resolving", line[:200], 0.15))
    own = compiler.own() if part.requirements else ""
    return with_brought(compiler, own)


def _by_name(records: list[Record]) -> dict[str, str]:
    """Return the versions of conda's packages by the names that PyPI has for them."""
    return {normalised(CONDA_TO_PYPI.get(record.name) or record.name): record.version for record in records}


def _python_of(found: _Resolved) -> str:
    return next(record.version for record in found.records if record.name == "python")


def _leaves_python_open(spec: Specification) -> bool:
    return is_open(spec.python, MINORS)


def _same_minor(spec: Specification, policy: PythonPinPolicy) -> str:
    full = re.fullmatch(r"(?:==|~=)(\d+\.\d+)\.[\d.*]+", spec.python.specifier) if spec.python else None
    return f"python {full[1]}.*" if full and policy is not PythonPinPolicy.EXACT else ""


def _stand_in_note(spec: Specification, records: list[Record]) -> str:
    used = next((record.version for record in records if record.name == "python"), "none")
    asked = spec.python.text if spec.python else ""
    return f"“{asked}” was asked for; the channels have Python {used}, which is used (same minor version)."
