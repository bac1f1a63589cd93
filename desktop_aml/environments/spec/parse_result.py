"""What reading a specification found: requirements, the Python pin, problems. The readers write, `spec` reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop_aml.domain.environments import SpecProblem
from desktop_aml.environments.spec.package_names import near_miss, normalised


@dataclass(frozen=True, slots=True)
class PythonPin:
    """The Python that a specification asks for.

    Parameters
    ----------
    text : str
        As the user wrote it, such as ``python=3.6.2``.
    specifier : str
        The same as a PEP 440 specifier set, such as ``==3.6.2.*``.
    """

    text: str
    specifier: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class SpecRequirement:
    """One package to install.

    Parameters
    ----------
    text : str
        The requirement (PEP 508) that goes to the resolver, without hashes.
    name : str
        The package's name as PyPI compares names.
    line : int
        Where it stands in the specification.
    hashes : tuple of str
        The only hashes that the user allows (``sha256:…``); empty when any published file will do.
    is_pip : bool
        Whether it stands in the ``pip:`` list of a conda file, so that conda has no part in it.
    """

    text: str
    name: str
    line: int
    hashes: tuple[str, ...] = ()
    is_pip: bool = False


@dataclass(frozen=True, slots=True)
class CondaMatch:
    """One package for conda's solver: `text` is a match specification, as the user wrote it."""

    text: str
    name: str
    line: int


@dataclass(slots=True)
class Findings:
    """The growing result of one reading. `at` is line and column, counted from 1."""

    requirements: list[SpecRequirement] = field(default_factory=list)
    python: PythonPin | None = None
    problems: list[SpecProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    from_conda: list[str] = field(default_factory=list)
    provided: list[tuple[str, int]] = field(default_factory=list)
    """Requirements for packages of Azure ML, with their lines."""
    brought: list[SpecRequirement] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    only_binary: list[str] = field(default_factory=list)
    prereleases: bool = False
    channels: list[str] = field(default_factory=list)
    matches: list[CondaMatch] = field(default_factory=list)
    base_image: str = ""
    pypi_problems: list[SpecProblem] = field(default_factory=list)
    """What holds only when the packages of conda are taken from PyPI instead."""

    def error(self, message: str, hint: str = "", *, at: tuple[int, int] = (0, 0)) -> None:
        """Record a fault that keeps the environment from being built."""
        self.problems.append(SpecProblem(message, hint, *at))

    def note(self, message: str, hint: str = "", *, at: tuple[int, int] = (0, 0)) -> None:
        """Record something that the user should know; it does not stop the build."""
        self.problems.append(SpecProblem(message, hint, *at, severity="note"))
        self.notes.append(message)

    def pypi_error(self, message: str, hint: str = "", *, at: tuple[int, int]) -> None:
        """Record what PyPI cannot say or does not have, though conda may."""
        self.pypi_problems.append(SpecProblem(message, hint, *at))

    def pypi_note(self, message: str, *, at: tuple[int, int]) -> None:
        """Record how a package of conda is taken from PyPI."""
        self.pypi_problems.append(SpecProblem(message, "", *at, severity="note"))

    def suspect(self, name: str, *, at: tuple[int, int]) -> None:
        """Record a suggestion when `name` looks like a slip of the finger. It may still be a real package."""
        meant = near_miss(name)
        if meant is not None:
            message = f"{name}: did you mean {meant}?"
            self.problems.append(SpecProblem(message, f"Write {meant}.", *at, severity="note"))

    def require(self, text: str, name: str, *, line: int, hashes: tuple[str, ...] = (), is_pip: bool = True) -> None:
        """Add a package to install from PyPI."""
        self.requirements.append(SpecRequirement(text, normalised(name), line, hashes, is_pip))
