"""The builder from PyPI: a lock to a virtual environment, with uv."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import BuiltEnvironment, PythonPinPolicy
from desktop_aml.domain.errors import NotForThisPython
from desktop_aml.environments.build import bytecode
from desktop_aml.environments.build import folder as build_folder
from desktop_aml.environments.resolve.resolver import BUILDER, Resolver
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures, uv_process
from desktop_aml.environments.toolchain.builder import Plan, Watch


class UvBuilder:
    """Builds environments from PyPI, on an interpreter of this computer.

    Parameters
    ----------
    builds : Path
        Folder of the builds.
    policy : PythonPinPolicy
        What to do when this computer lacks the Python that a specification names.
    """

    def __init__(self, builds: Path, policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR) -> None:
        self._builds = builds
        self._resolver = Resolver(builds, policy)

    @property
    def name(self) -> str:
        """``uv``."""
        return BUILDER

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before, without starting anything slow."""
        return self._resolver.known(spec)

    def plan(self, spec: Specification, watch: Watch) -> Plan:
        """Resolve a specification; an unchanged one is resolved once."""
        return self._resolver.plan(spec, watch)

    def fetch_size(self, spec: Specification) -> FetchSize:
        """Return what a build would fetch, without running anybody's code."""
        return self._resolver.fetch_size(spec)

    def find(self, plan: Plan) -> BuiltEnvironment | None:
        """Return the finished build of a plan; None when there is none or it was damaged since."""
        return build_folder.find(self._builds, plan.lock)

    def build(self, plan: Plan, watch: Watch) -> BuiltEnvironment:
        """Install a plan, or wait for another build of the same one."""
        try:
            built = build_folder.make_once(
                self._builds, plan.lock, watch, lambda folder, held: _install(folder, plan, watch, held)
            )
        except NotForThisPython as error:
            raise self._resolver.advised(error, plan.spec, watch) from error
        bytecode.compile_in_background(self._builds / built.key, Path(built.python))
        return built


def _install(folder: Path, plan: Plan, watch: Watch, held: int) -> None:
    venv, lock = folder / "venv", plan.lock
    watch.tell("Creating", f"Python {lock.python_version}", 0.2)
    # The compiler of a build that was just removed may still be writing here: what it left does no harm.
    step = Step(folder, plan.spec, watch, held)
    step(
        ["venv", "--allow-existing", str(venv), "--python", plan.material],
        lambda line: watch.tell("Creating", line[:200], 0.2),
    )
    if lock.text:
        install_requirements(step, venv, lock.text, Installing(watch, len(lock.packages), 0.3))
    build_folder.write_ready(folder, lock, venv)


class Step:
    """Runs uv in a build folder, as one step of a build."""

    def __init__(self, folder: Path, spec: Specification, watch: Watch, held: int) -> None:
        self.folder = folder
        self._spec = spec
        self._watch = watch
        self._held = held

    def __call__(self, words: list[str], on_line: Callable[[str], None]) -> None:
        """Run one command to its end.

        Raises
        ------
        PreparationError
            When it fails, with its reason.
        """
        code, printed = uv_process.run(
            [uv_process.uv_path(), *words],
            log_path=self._watch.log_path,
            cancel=self._watch.cancel,
            cwd=self.folder,
            on_line=on_line,
            keep_open=(self._held,),
        )
        if code != 0:
            raise failures.explain(printed, self._spec)


def install_requirements(step: Step, prefix: Path, text: str, told: Installing) -> None:
    """Install locked requirements into the Python of `prefix`, each with its hash."""
    requirements = step.folder / "requirements.txt"
    requirements.write_text(text, "utf-8")
    told.begin()
    python = str(prefix / "bin" / "python")
    step(["pip", "install", "--python", python, "--require-hashes", "--no-deps", "-r", str(requirements)], told)


class Installing:
    """Turns the lines of ``uv pip install`` into progress: downloads are the long part.

    Parameters
    ----------
    start : float
        Where the whole build stands when the installation begins.
    """

    def __init__(self, watch: Watch, count: int, start: float) -> None:
        self._watch = watch
        self._count = max(count, 1)
        self._start = start
        self._downloaded = 0
        self._fraction = start

    def begin(self) -> None:
        """Tell that the installation begins."""
        self._watch.tell("Installing", f"{self._count} packages", self._start)

    def __call__(self, line: str) -> None:
        """Take in a line that uv printed."""
        self._downloaded += line.startswith("Downloaded ")
        reached = self._start + (0.8 - self._start) * min(1.0, self._downloaded / self._count)
        if line.startswith(("Prepared ", "Installed ")):
            reached = 0.85 if line.startswith("Prepared ") else 0.95
        self._fraction = max(self._fraction, reached)
        self._watch.tell("Installing", line[:200], self._fraction)
