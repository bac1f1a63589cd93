"""Base images: which one a specification gets, by the Python that it names; fetched when the engine has it not."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.specifiers import SpecifierSet

from desktop_aml import docker_access
from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import InvalidInput, MissingOnComputer, PreparationError
from desktop_aml.environments import image_stream
from desktop_aml.environments.build_files import write_whole
from desktop_aml.environments.findings import PythonPin
from desktop_aml.environments.image_python import ImagePython, python_of
from desktop_aml.environments.resolver import Watch

if TYPE_CHECKING:
    from docker import DockerClient

_MINORS: Final = tuple(f"3.{number}" for number in range(13, 5, -1))
# What may stand in a Dockerfile behind FROM: host, path, tag and digest, nothing that could begin another line.
_NAME: Final = re.compile(
    r"(?:[a-zA-Z0-9][a-zA-Z0-9.\-]*(?::\d+)?/)?[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
    r"(?::[\w][\w.\-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


def check_name(name: str) -> str:
    """Return the name of an image without the spaces around it.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    stripped = name.strip()
    if len(stripped) > 300 or not _NAME.fullmatch(stripped):
        raise InvalidInput(f"“{stripped[:80]}” is not the name of an image.", "Write it like python:3.11-slim.")
    return stripped


def local_id(client: DockerClient, name: str) -> str:
    """Return the id of an image that the engine has, else nothing."""
    from docker.errors import ImageNotFound

    with docker_access.in_words():
        try:
            return str(client.images.get(name).id)
        except ImageNotFound:
            return ""


class BaseImages:
    """Chooses base images.

    Parameters
    ----------
    connect : callable
        Gives a client of the Docker engine.
    template : str
        Name of a base image with ``{version}`` for the Python version, such as ``python:{version}-slim``.
    memory : Path
        Folder where choices and answers are remembered.
    """

    def __init__(
        self, connect: Callable[[], DockerClient], template: str, policy: PythonPinPolicy, memory: Path, owner: str
    ) -> None:
        self._connect = connect
        self._client = connect()
        self._template = template
        self._policy = policy
        self._memory = memory
        self._owner = owner

    def known(self, pin: PythonPin | None) -> tuple[str, ImagePython, str] | None:
        """Return name, Python and note of the image that was chosen for `pin` before and is still there."""
        try:
            name = json.loads(self._remembered(pin).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        image_id = local_id(self._client, str(name))
        return self._judged(str(name), image_id, pin) if image_id else None

    def choose(self, pin: PythonPin | None, watch: Watch) -> tuple[str, ImagePython, str]:
        """Return name, Python and note of the base image for `pin`.

        Raises
        ------
        MissingOnComputer
            When there is none, here or in its registry.
        BuildCanceled
            When the watcher cancelled.
        """
        reasons: list[str] = []
        for name in dict.fromkeys(check_name(self._name_for(version)) for version in self._versions(pin)):
            image_id = local_id(self._client, name) or self._pulled(name, watch, reasons)
            found = self._judged(name, image_id, pin, reasons) if image_id else None
            if found is not None:
                with contextlib.suppress(OSError):
                    write_whole(self._remembered(pin), json.dumps(name))
                return found
        wanted = f"“{pin.text}”" if pin else "Python"
        line = f" (line {pin.line})" if pin and pin.line else ""
        raise MissingOnComputer(
            f"There is no base image for {wanted}{line}: {reasons[0] if reasons else 'none fits'}",
            "Choose another base image in the settings (docker_base_image), change the pin, or connect to the network"
            " so that the image can be fetched.",
            details="\n".join(reasons),
        )

    def _name_for(self, version: str) -> str:
        return self._template.replace("{version}", version)

    def _remembered(self, pin: PythonPin | None) -> Path:
        question = json.dumps([self._template, pin.specifier if pin else "", self._policy])
        return self._memory / f"base-{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"

    def _versions(self, pin: PythonPin | None) -> list[str]:
        """Return the versions to look for, the best first."""
        own = f"{sys.version_info[0]}.{sys.version_info[1]}"
        if pin is None:
            return [own]
        exact = re.fullmatch(r"==(\d+\.\d+)((?:\.\d+)?)(?:\.\*)?", pin.specifier)
        if exact is not None:
            names = [exact[1] + exact[2], exact[1]]
        else:
            wanted = SpecifierSet(pin.specifier)
            names = [minor for minor in (own, *_MINORS) if wanted.contains(f"{minor}.99")][:2]
        return [*names, *(_nearest(names[0]) if names and self._policy is PythonPinPolicy.RELAXED else ())]

    def _pulled(self, name: str, watch: Watch, reasons: list[str]) -> str:
        # A client of its own: a cancel closes what it is doing.
        client = self._connect()
        try:
            image_stream.pull(client, name, watch)
        except PreparationError as error:
            reasons.append(f"“{name}” is not on the Docker engine, and cannot be fetched ({error.message}).")
            return ""
        finally:
            client.close()
        return local_id(self._client, name)

    def _judged(
        self, name: str, image_id: str, pin: PythonPin | None, reasons: list[str] | None = None
    ) -> tuple[str, ImagePython, str] | None:
        python = python_of(self._client, image_id, name, self._memory, self._owner)
        if pin is None:
            return name, python, f"No Python version is named: Python {python.version} of “{name}” is used."
        if SpecifierSet(pin.specifier).contains(python.version, prereleases=True):
            return name, python, ""
        minor = re.search(r"(\d+\.\d+)", pin.specifier)
        same = minor is not None and python.minor == minor[1]
        if self._policy is PythonPinPolicy.RELAXED or (same and self._policy is PythonPinPolicy.SAME_MINOR):
            why = "same minor version" if same else "the nearest one, as the settings allow"
            return name, python, f"“{pin.text}” was asked for; “{name}” has Python {python.version}, used as the {why}."
        if reasons is not None:
            reasons.append(f"“{name}” has Python {python.version}.")
        return None


def _nearest(version: str) -> list[str]:
    wanted = int(version.split(".")[1])
    return sorted(_MINORS, key=lambda minor: abs(int(minor.split(".")[1]) - wanted))[1:3]
