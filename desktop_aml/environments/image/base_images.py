"""Base images: which one a specification gets, by the Python that it names; fetched when the engine has it not."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.specifiers import SpecifierSet

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import InvalidInput, MissingOnComputer, PreparationError
from desktop_aml.environments.image.engine import ImageEngine
from desktop_aml.environments.image.python import ImagePython
from desktop_aml.environments.spec.container_specs import is_name
from desktop_aml.environments.spec.parse_result import PythonPin
from desktop_aml.environments.toolchain.builder import Watch
from desktop_aml.environments.toolchain.files import write_whole

_NAMES_SHOWN: Final = 5
_LIKELY: Final = re.compile(r"python|conda|jupyter|/base\b")
_MINORS: Final = tuple(f"3.{number}" for number in range(13, 5, -1))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The Python of the base image for a specification, and what the user should know of the choice."""

    python: ImagePython
    note: str


class BaseImages:
    """Chooses base images.

    Parameters
    ----------
    template : str
        Name of a base image with ``{version}`` for the Python version, such as ``python:{version}-slim``.
    """

    def __init__(self, engine: ImageEngine, template: str, policy: PythonPinPolicy) -> None:
        self._engine = engine
        self._template = template
        self._policy = policy

    def known(self, pin: PythonPin | None) -> Chosen | None:
        """Return the image that was chosen for `pin` before, when it is still there."""
        try:
            name = str(json.loads(self._remembered(pin).read_text("utf-8")))
        except (OSError, ValueError):
            return None
        python = self._python_of(name)
        return self._judged(python, pin) if python is not None else None

    def choose(self, pin: PythonPin | None, watch: Watch) -> Chosen:
        """Return the base image for `pin`, here or fetched.

        Raises
        ------
        MissingOnComputer
            When there is none, here or in its registry.
        BuildCanceled
            When the watcher cancelled.
        """
        reasons: list[str] = []
        for name in self.names(pin):
            python = self._python_of(name) or self._pulled(name, watch, reasons)
            found = self._judged(python, pin) if python is not None else None
            if found is not None:
                # Only a memory: where it cannot be written, the choice is made again.
                with contextlib.suppress(OSError):
                    write_whole(self._remembered(pin), json.dumps(name))
                return found
            if python is not None:
                reasons.append(f"“{name}” has Python {python.version}.")
        line = f" (line {pin.line})" if pin and pin.line else ""
        raise MissingOnComputer(
            f"There is no base image for {f'“{pin.text}”' if pin else 'Python'}{line}: {(*reasons, 'none fits.')[0]}",
            f"{self._here()}Choose another base image in the settings (docker_base_image) or for this environment alone"
            " (--base-image), change the pin, connect to the network so that the image can be fetched, or take it from"
            " a file: desktop-aml docker load FILE",
            details="\n".join(reasons),
        )

    def _here(self) -> str:
        """Return in words which images are on the engine that by their names may have a Python."""
        names = [name for name in self._engine.names() if _LIKELY.search(name)][:_NAMES_SHOWN]
        return f"There are here: {', '.join(names)}. " if names else ""

    def names(self, pin: PythonPin | None) -> tuple[str, ...]:
        """Return the names to look for, the best first."""
        return tuple(dict.fromkeys(self._name_for(version) for version in self._versions(pin)))

    def _name_for(self, version: str) -> str:
        name = self._template.replace("{version}", version).strip()
        if not is_name(name):
            raise InvalidInput(
                f"“{name[:80]}” is not the name of an image.",
                "Set docker_base_image to a name such as python:{version}-slim.",
            )
        return name

    def _remembered(self, pin: PythonPin | None) -> Path:
        question = json.dumps([self._template, pin.specifier if pin else "", self._policy])
        return self._engine.memory / f"base-{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"

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

    def _python_of(self, name: str) -> ImagePython | None:
        image = self._engine.look(name)
        return self._engine.python_of(image, name) if image is not None else None

    def _pulled(self, name: str, watch: Watch, reasons: list[str]) -> ImagePython | None:
        try:
            self._engine.pull(name, watch)
        except PreparationError as error:
            reasons.append(f"“{name}” is not on the Docker engine and cannot be fetched. {error.message}")
            return None
        return self._python_of(name)

    def _judged(self, python: ImagePython, pin: PythonPin | None) -> Chosen | None:
        used = f"Python {python.version} of “{python.name}” is used"
        if pin is None:
            return Chosen(python, f"No Python version is named: {used}.")
        if SpecifierSet(pin.specifier).contains(python.version, prereleases=True):
            return Chosen(python, "")
        minor = re.search(r"(\d+\.\d+)", pin.specifier)
        same = minor is not None and python.minor == minor[1]
        if self._policy is PythonPinPolicy.RELAXED or (same and self._policy is PythonPinPolicy.SAME_MINOR):
            why = "same minor version" if same else "the nearest one, as the settings allow"
            return Chosen(python, f"“{pin.text}” was asked for; {used} ({why}).")
        return None


def _nearest(version: str) -> list[str]:
    wanted = int(version.split(".")[1])
    return sorted(_MINORS, key=lambda minor: abs(int(minor.split(".")[1]) - wanted))[1:3]
