"""The builder for Docker: a lock to an image, made once and found again by what it holds.

An image is named by the hash of its lock, which names its base image, too. One image is built at a time: whoever holds
the lock may take away what an interrupted build left, known by its label.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentLock, PythonPinPolicy
from desktop_aml.domain.errors import BuildCanceled, MissingOnComputer, NotForThisPython, PreparationError
from desktop_aml.environments.build.folder import key_of
from desktop_aml.environments.build.uv_builder import Installing
from desktop_aml.environments.image import context as image_context
from desktop_aml.environments.image.base_images import BaseImages, Chosen
from desktop_aml.environments.image.engine import CONTEXT, ImageEngine, tag_of
from desktop_aml.environments.image.python import ImagePython
from desktop_aml.environments.resolve import interpreters
from desktop_aml.environments.resolve.python_choice import MINORS, Candidate, Choice, PythonChoices, fitting, is_open
from desktop_aml.environments.resolve.resolver import Locks, Target
from desktop_aml.environments.spec.parse_result import PythonPin
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures, uv_process
from desktop_aml.environments.toolchain.builder import Plan, Watch
from desktop_aml.environments.toolchain.files import remove_tree

NAME: Final = "image"
_PART: Final = 0.5
"""How much of the whole is done when the packages are installed; the rest is the engine's."""


class ImageBuilder:
    """Builds environments from PyPI as Docker images.

    Parameters
    ----------
    builds : Path
        Folder of the builds; locks and answers are remembered in it.
    base_image : str
        Name of the base image, with ``{version}`` for the Python version.
    policy : PythonPinPolicy
        What to do when there is no base image with exactly the Python asked for.
    """

    def __init__(
        self, engine: ImageEngine, builds: Path, base_image: str, policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR
    ) -> None:
        self._engine = engine
        self._builds = builds
        self._bases = BaseImages(engine, base_image, policy)
        # One that is the same for each Python offers no choice of it: what was chosen for others means nothing here.
        self._apart = "" if "{version}" in base_image else f" {base_image}"
        self._locks = Locks(builds / "locks")

    @property
    def name(self) -> str:
        """``image``."""
        return NAME

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before; None when its base image is gone."""
        base = self._bases.known(spec.python)
        if base is None:
            return None
        choice = self._pythons(base.python).known(spec) if _may_choose(spec) else None
        if choice is not None and choice.minor:
            base = self._bases.known(choice.pin(spec.python))
        if base is None:
            return None
        lock = self._locks.known(spec, _target(base, choice))
        return _plan(spec, base, lock) if lock is not None else None

    def plan(self, spec: Specification, watch: Watch) -> Plan:
        """Choose and fetch the base image, and resolve for its Python; an unchanged specification is resolved once."""
        base = self._base(spec.python, watch)
        try:
            choice = self._choice(spec, base, watch) if _may_choose(spec) else None
            if choice is not None and choice.minor:
                base = self._base(choice.pin(spec.python), watch)
            return _plan(spec, base, self._locks.lock(spec, _target(base, choice), watch))
        except NotForThisPython as error:
            raise self._advised(error, spec, base.python, watch) from error

    def _base(self, pin: PythonPin | None, watch: Watch) -> Chosen:
        return self._bases.known(pin) or self._bases.choose(pin, watch)

    def _pythons(self, base: ImagePython) -> PythonChoices:
        return PythonChoices(self._builds / "locks", f"image {base.platform_for_uv()}{self._apart}")

    def _choice(self, spec: Specification, base: Chosen, watch: Watch) -> Choice:
        others = [
            one for one in _candidates(base.python, fitting(spec.python, MINORS)) if one.minor != base.python.minor
        ]

        def based(one: Candidate) -> Chosen:
            if one.minor == base.python.minor:
                return base
            return self._base(Choice(one.minor).pin(spec.python), watch)

        def can_be_had(one: Candidate) -> bool:
            try:
                based(one)
            except MissingOnComputer:
                return False
            return True

        own = replace(spec, brought=())

        def lock(one: Candidate, ready_made: tuple[str, ...]) -> EnvironmentLock:
            return self._locks.lock(own, _target(based(one), Choice(one.minor, ready_made=ready_made)), watch)

        preferred = Candidate(base.python.version, _words(base.python))
        choice = self._pythons(base.python).choose(spec, [preferred, *others], lock, watch, can_be_had)
        if choice.why:
            watch.tell("Choosing", choice.why, 0.12)
        return choice

    def _advised(
        self, error: NotForThisPython, spec: Specification, base: ImagePython, watch: Watch
    ) -> NotForThisPython:
        return self._pythons(base).advised(error, spec, _candidates(base, MINORS), (), watch)

    def find(self, plan: Plan) -> BuiltEnvironment | None:
        """Return the image of a plan; None when the engine has none."""
        key = key_of(plan.lock)
        image = self._engine.look(tag_of(key))
        return BuiltEnvironment(key, image_context.PYTHON, plan.lock, image.id, image.env_vars) if image else None

    def build(self, plan: Plan, watch: Watch) -> BuiltEnvironment:
        """Install a plan and make the image, or wait for another build."""
        python = self._python_of(plan)
        work = self._engine.memory / CONTEXT

        def make(held: int) -> None:
            remove_tree(work)
            try:
                self._install(work / "environment", plan, python, watch, held)
                self._send(work / "environment", plan, python, watch)
            finally:
                remove_tree(work)

        try:
            found = self._engine.make_once(lambda: self.find(plan), make, watch)
        except NotForThisPython as error:
            raise self._advised(error, plan.spec, python, watch) from error
        if found is None:
            raise PreparationError("The image was removed as soon as it was built.", "Build it again.")
        return found

    def _python_of(self, plan: Plan) -> ImagePython:
        return ImagePython(**json.loads(plan.material))

    def _install(self, folder: Path, plan: Plan, python: ImagePython, watch: Watch, held: int) -> None:
        """Put the packages of a plan, for the image's Python, into `folder`."""
        image_context.lay_out(folder, python)
        self._install_from_pypi(folder, plan, python, watch, held)

    def _install_from_pypi(self, folder: Path, plan: Plan, python: ImagePython, watch: Watch, held: int) -> None:
        lock = plan.lock
        if not lock.text:
            return
        requirements = folder.with_name("requirements.txt")
        requirements.write_text(lock.text, "utf-8")
        installer = self._installer(python)
        words = [uv_process.uv_path(), "pip", "install", "--python", installer]
        words += ["--target", str(image_context.site_packages(folder, python)), *_words(python)]
        told = Installing(first_part(watch), len(lock.packages), 0.2)
        told.begin()
        code, printed = uv_process.run(
            [*words, "--require-hashes", "--no-deps", "-r", str(requirements)],
            log_path=watch.log_path,
            cancel=watch.cancel,
            cwd=folder,
            on_line=told,
            keep_open=(held,),
        )
        if code != 0:
            raise failures.explain(printed, plan.spec)
        image_context.adopt_scripts(folder, python, installer)

    def _installer(self, python: ImagePython) -> str:
        """Return the interpreter that installs; it builds what is only published as source, so a like one is best."""
        found = interpreters.find_all(self._builds / "interpreters.json")
        like = [one for one in found if one.version_text.startswith(f"{python.minor}.")]
        return (*like, *found)[0].path

    def _send(self, folder: Path, plan: Plan, python: ImagePython, watch: Watch) -> None:
        steps = image_context.dockerfile(python.name, self._engine.labels)
        watch.tell("Building the image", "Sending the packages to the Docker engine", _PART)
        with tempfile.TemporaryFile(dir=self._builds) as context:
            image_context.pack(steps, folder, context, _go_on(watch))
            self._engine.build(context, tag_of(key_of(plan.lock)), watch, start=_PART, network="none")
        watch.tell("Ready", f"{len(plan.lock.packages)} packages", 1.0)


def first_part(watch: Watch) -> Watch:
    """Return a watch for the installation, which is a part of the whole."""

    def report(step: BuildProgress) -> None:
        watch.report(replace(step, fraction=None if step.fraction is None else round(step.fraction * _PART, 3)))

    return replace(watch, report=report)


def _go_on(watch: Watch) -> Callable[[], None]:
    def check() -> None:
        if watch.cancel.is_set():
            raise BuildCanceled("The build was canceled.")

    return check


def _words(python: ImagePython) -> tuple[str, ...]:
    return "--python-version", python.version, "--python-platform", python.platform_for_uv()


def _target(base: Chosen, choice: Choice | None) -> Target:
    python, note = base.python, (choice.why if choice else "") or base.note
    ready_made = choice.ready_made if choice else ()
    notes = (note,) if note else ()
    return Target(python.version, python.platform_for_uv(), NAME, _words(python), notes, ready_made)


def _may_choose(spec: Specification) -> bool:
    return bool(spec.requirements) and is_open(spec.python, MINORS)


def _candidates(base: ImagePython, minors: Sequence[str]) -> list[Candidate]:
    platform = base.platform_for_uv()
    return [Candidate(one, ("--python-version", one, "--python-platform", platform)) for one in minors]


def _plan(spec: Specification, base: Chosen, lock: EnvironmentLock) -> Plan:
    python = base.python
    where = f"{lock.platform} in {python.name} ({python.image.rpartition(':')[2][:12]})"
    return Plan(replace(lock, platform=where), spec, json.dumps(asdict(python)))
