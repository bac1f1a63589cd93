"""Whether an environment can be had as an image from here: asked before a run that may do without a container."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from desktop_aml import docker_access
from desktop_aml.domain.environments import EnvironmentKind, PythonPinPolicy
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.environments.image.base_images import BaseImages
from desktop_aml.environments.image.engine import ImageEngine
from desktop_aml.environments.resolve.builder_choice import CONDA, Choices
from desktop_aml.environments.spec import parsing as specs

_ANSWER_S: Final = 5.0
"""Time that a registry has to answer, by way of the engine: a person waits for it."""


def obstacle(kind: EnvironmentKind, text: str, builds: Path, base_image: str, policy: PythonPinPolicy) -> str:
    """Return why there can be no image of a specification, most often: its base image is not here, nor in a registry.

    Empty when there can be one, or when only a build can tell.
    """
    if kind is EnvironmentKind.EXISTING:
        return "A Python of this computer cannot be used in a container."
    if kind.needs_docker:
        return ""
    engine = ImageEngine(builds)
    try:
        spec = specs.parse(text, kind)
        bases = BaseImages(engine, spec.base_image or base_image, policy)
        choice = Choices(builds / "choices").known(spec)
        # An environment that came from channels before brings its own Python; any base image will do.
        names = bases.names(None if choice is not None and choice.builder == CONDA else spec.python)
        if not names or any(engine.look(name) is not None for name in names):
            return ""
        return _reason_of_registry(names)
    except DesktopAMLError:
        # Whatever it is, the build says it better.
        return ""


def _reason_of_registry(names: tuple[str, ...]) -> str:
    reason = ""
    client = docker_access.connect(timeout_s=_ANSWER_S)
    try:
        for name in names:
            try:
                with docker_access.in_words():
                    client.images.get_registry_data(name)
            except DesktopAMLError as error:
                reason = reason or error.message
            else:
                return ""
    finally:
        client.close()
    return f"The base image {names[0]} is not on the Docker engine and cannot be fetched ({reason.rstrip('.')})."
