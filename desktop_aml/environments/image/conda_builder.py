"""The builder for Docker from conda's channels: solved for the C library of the base image, laid out for it.

The environment brings its own Python; of the base image it needs the C library and nothing else.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.build.conda_builder import CondaBuilder, Elsewhere
from desktop_aml.environments.image import context as image_context
from desktop_aml.environments.image.base_images import Chosen
from desktop_aml.environments.image.builder import ImageBuilder, first_part
from desktop_aml.environments.image.engine import ImageEngine
from desktop_aml.environments.image.python import ImagePython
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain.builder import Plan, Watch

NAME: Final = "conda-image"


class CondaImageBuilder(ImageBuilder):
    """Builds environments from channels of conda as Docker images; the parameters are those of `ImageBuilder`."""

    def __init__(
        self, engine: ImageEngine, builds: Path, base_image: str, policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR
    ) -> None:
        super().__init__(engine, builds, base_image, policy)
        self._policy = policy

    @property
    def name(self) -> str:
        """``conda-image``."""
        return NAME

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was solved before; None when its base image is gone."""
        base = self._bases.known(None)
        found = self._solver(base.python).known(spec) if base is not None else None
        return _plan(found, base) if base is not None and found is not None else None

    def plan(self, spec: Specification, watch: Watch) -> Plan:
        """Fetch the base image, and solve for its C library; an unchanged specification is solved once.

        Raises
        ------
        PreparationError
            When the base image has no GNU C library, or one that the packages cannot use.
        """
        base = self._bases.known(None) or self._bases.choose(None, watch)
        return _plan(self._solver(base.python).plan(spec, watch), base)

    def _solver(self, python: ImagePython) -> CondaBuilder:
        found = re.fullmatch(r"glibc (\d+\.\d+).*", python.libc)
        if found is None:
            raise PreparationError(
                f"The base image “{python.name}” has no GNU C library, which packages of conda need.",
                "Choose another base image in the settings (docker_base_image), such as python:{version}-slim.",
            )
        place = Elsewhere(found[1], image_context.PLACE, python.platform_for_uv())
        return CondaBuilder(self._builds, self._policy, place)

    def _python_of(self, plan: Plan) -> ImagePython:
        return ImagePython(**json.loads(plan.material)["base"])

    def _install(self, folder: Path, plan: Plan, python: ImagePython, watch: Watch, held: int) -> None:
        folder.parent.mkdir(parents=True)
        solved = replace(plan, material=json.loads(plan.material)["solved"])
        self._solver(python).link(folder.parent, folder, solved, first_part(watch), held)
        # What uv installs for is the environment's own Python, not that of the base image.
        own = replace(python, version=plan.lock.python_version, path=image_context.PYTHON)
        self._install_from_pypi(folder, plan, own, watch, held)


def _plan(found: Plan, base: Chosen) -> Plan:
    python = base.python
    where = f"{found.lock.platform} in {python.name} ({python.image.rpartition(':')[2][:12]})"
    lock = replace(found.lock, platform=where, builder=NAME)
    return Plan(lock, found.spec, json.dumps({"base": asdict(python), "solved": found.material}))
