"""Environments: what the user asked for, what it resolved to, and how its build stands."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from desktop_aml.domain.pythons import OWN_PYTHON as OWN_PYTHON
from desktop_aml.domain.pythons import THIS_PYTHON as THIS_PYTHON
from desktop_aml.domain.pythons import PythonPinPolicy as PythonPinPolicy
from desktop_aml.domain.values import dataclass

AUTOMATIC = "automatic"
"""Asks for no builder in particular: the specification and what can be reached decide."""


WITHOUT_NETWORK: Final = "Without network nothing could be added to it of"
LEFT_OUT: Final = "Left out, as no ready-made file of it fits beside the rest"
"""How notes of a lock begin that end in the packages that should have come along, and did not."""

ENVIRONMENT_FILES: Final = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml", "requirements.txt")
"""Names of files that say what scripts near them need, those that say most first."""

PROJECT_FILES: Final = (
    "pyproject.toml",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "uv.lock",
    "poetry.lock",
    "Pipfile.lock",
    "pylock.toml",
)
"""Names of files that say what a project depends on: an environment can be made from each."""


def is_project_file(file_name: str) -> bool:
    """Whether a file of this name says what a project depends on; a ``pylock.toml`` may have a word in its name."""
    return file_name in PROJECT_FILES or re.fullmatch(r"pylock\.[^.]+\.toml", file_name) is not None


class EnvironmentKind(StrEnum):
    """How the user wrote the environment down."""

    CONDA = "conda"
    PIP = "pip"
    EXISTING = "existing"
    DOCKERFILE = "dockerfile"
    IMAGE = "image"

    @property
    def needs_docker(self) -> bool:
        """Whether it says how a container is made, so that no folder of this computer can stand for it."""
        return self in {EnvironmentKind.DOCKERFILE, EnvironmentKind.IMAGE}


class BuildPlace(StrEnum):
    """What an environment is built as."""

    LOCAL = "local"
    """A folder with an interpreter on this computer."""
    IMAGE = "image"
    """An image of Docker."""


class BuildState(StrEnum):
    """How the build of an environment stands."""

    NOT_BUILT = "Not built"
    IMAGE = "Built as image"
    """Not built on this computer, but as an image for Docker."""
    BUILDING = "Building"
    READY = "Ready"
    FAILED = "Failed"
    CANCELED = "Canceled"


def place_fault(kind: EnvironmentKind, place: BuildPlace) -> tuple[str, str]:
    """Return why an environment of a kind can never be used at a place, and what to do; both empty when it can."""
    if kind.needs_docker and place is BuildPlace.LOCAL:
        return (
            "This environment is made for Docker and cannot be used on this computer directly.",
            "Choose Docker as the target, or an environment of packages.",
        )
    if kind is EnvironmentKind.EXISTING and place is BuildPlace.IMAGE:
        return (
            "A Python of this computer cannot be used in a container.",
            "Choose an environment of packages, a Dockerfile or an image.",
        )
    return "", ""


@dataclass(frozen=True, slots=True)
class EnvironmentVersion:
    """One registered version of an environment, as the user wrote it.

    Parameters
    ----------
    text : str
        The specification, comments kept. For `EnvironmentKind.EXISTING` the path of the interpreter, for
        `EnvironmentKind.IMAGE` the name of the image.
    """

    name: str
    version: int
    kind: EnvironmentKind
    text: str
    created_at: float
    description: str = ""

    @property
    def label(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class EnvironmentSummary:
    """One line of the list of environments."""

    name: str
    version: int
    kind: EnvironmentKind
    state: BuildState
    python_version: str = ""
    size_bytes: int | None = None
    curated: bool = False

    @property
    def label(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"

    @property
    def in_use(self) -> bool:
        """Whether the workspace holds it: a curated one belongs to it from its first use."""
        return not self.curated or self.state is not BuildState.NOT_BUILT


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """One fault in a specification. `line` and `column` count from 1; 0 when unknown."""

    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    severity: str = "error"
    """``"error"`` or ``"note"``."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package of a lock, exactly.

    Parameters
    ----------
    hashes : tuple of str
        Hashes that its file may have, such as ``sha256:…``.
    url : str
        Where the file of a conda package lies; empty for a package of PyPI.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentLock:
    """What a specification resolved to: exact versions with hashes.

    Parameters
    ----------
    builder : str
        Who builds it: ``uv``, ``conda``, ``image``, or ``existing`` for an interpreter that is used as it is.
    text : str
        The packages of PyPI in requirements form, byte for byte as they are installed.
    notes : tuple of str
        What the user should know: a mapped conda name, a relaxed Python pin, a requirement that Desktop AML
        itself satisfies.
    explicit : str
        The packages of conda as conda's own explicit list, byte for byte as they are installed.
    chosen_because : str
        Why this builder and no other.
    """

    python_version: str
    platform: str
    builder: str
    packages: tuple[LockedPackage, ...]
    text: str
    notes: tuple[str, ...] = ()
    explicit: str = ""
    chosen_because: str = ""

    def version_of(self, package: str) -> str | None:
        """Return the locked version of `package`, or None. Names compare as PyPI compares them."""
        wanted = package.lower().replace("_", "-").replace(".", "-")
        return next((p.version for p in self.packages if p.name == wanted), None)


@dataclass(frozen=True, slots=True)
class BuiltEnvironment:
    """An environment that can be used now.

    Parameters
    ----------
    key : str
        Hash of lock, platform and builder (64 hex digits).
    python : str
        Absolute path of the interpreter; inside the image when there is one.
    image : str
        Id of the image that holds it; empty for a build on this computer.
    base_env_vars : tuple of (str, str) or None
        Variables that a process in it starts from; None: those of this computer.
    """

    key: str
    python: str
    lock: EnvironmentLock
    image: str = ""
    base_env_vars: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """A step of a build, for people. `fraction` is from 0 to 1, or None when it cannot be known."""

    stage: str
    message: str = ""
    fraction: float | None = None
