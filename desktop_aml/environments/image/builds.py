"""Environments as images of Docker: the builder is chosen as for this computer, its image is found or made."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.build.builds import LocalBuilds
from desktop_aml.environments.image.builder import ImageBuilder
from desktop_aml.environments.image.engine import ImageEngine
from desktop_aml.environments.resolve.builder_choice import CONDA, UV, Choice
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain.builder import Builder, Plan, Watch


class ImageBuilds(LocalBuilds):
    """The images of one folder of builds.

    Parameters
    ----------
    base_image : str
        Image that they are built on; ``{version}`` stands for the Python version.
    """

    def __init__(self, builds: Path, policy: PythonPinPolicy, base_image: str) -> None:
        super().__init__(builds, policy)
        self._base_image = base_image

    def _plan(self, spec: Specification, watch: Watch) -> tuple[Choice, Plan]:
        known = self._choices.known(spec)
        if spec.pypi_faults and known is not None and known.builder == UV:
            fault = spec.pypi_faults[0]
            raise PreparationError(
                f"Line {fault.line}: {fault.message} Without channels of conda, packages come from PyPI.",
                "Name a channel, remove the line, or write a Dockerfile.",
            )
        return super()._plan(spec, watch)

    def _builder(self, choice: Choice) -> Builder:
        engine = ImageEngine(self._builds)
        if choice.builder == CONDA:
            # Imported here: most environments come from PyPI.
            from desktop_aml.environments.image.conda_builder import CondaImageBuilder

            return CondaImageBuilder(engine, self._builds, self._base_image, self._policy)
        return ImageBuilder(engine, self._builds, self._base_image, self._policy)
