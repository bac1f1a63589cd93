"""Which Python a specification gets that leaves the choice open: one for which its packages are ready-made.

The preferred Python stays as long as nothing has to be built from source for it. Else the others are tried, the newest
first, with the metadata of the package index alone. The answer is remembered with the question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from packaging.specifiers import SpecifierSet

from desktop_aml.domain.environments import EnvironmentLock
from desktop_aml.domain.errors import NotForThisPython
from desktop_aml.environments.resolve.cache import Remembered
from desktop_aml.environments.resolve.wheels import Probe, Wheels
from desktop_aml.environments.spec.parse_result import PythonPin
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain.builder import Watch

MINORS: Final = tuple(f"3.{number}" for number in range(14, 5, -1))
"""The versions of Python that environments may have, the newest first."""

_MOST_LEFT_OUT: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Python that may be chosen.

    Parameters
    ----------
    version : str
        Such as ``3.8.18``, or ``3.8`` when the patch release is not known yet.
    words : tuple of str
        Tell uv that it is for this one.
    """

    version: str
    words: tuple[str, ...]

    @property
    def minor(self) -> str:
        """``3.8``."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen.

    Parameters
    ----------
    minor : str
        Such as ``3.8``; empty for the preferred Python.
    why : str
        For the user; empty for the preferred Python.
    ready_made : tuple of str
        Packages that must be taken as wheels, because the newest of them would have to be built.
    """

    minor: str = ""
    why: str = ""
    ready_made: tuple[str, ...] = ()

    def pin(self, asked: PythonPin | None) -> PythonPin | None:
        """Return what to ask for instead of what the specification asked for."""
        if not self.minor:
            return asked
        return PythonPin(f"python={self.minor}", f"=={self.minor}.*", asked.line if asked else 0)


def is_open(pin: PythonPin | None, minors: Sequence[str]) -> bool:
    """Whether a specification leaves more than one of these versions to choose from."""
    return len(fitting(pin, minors)) > 1


def fitting(pin: PythonPin | None, minors: Sequence[str]) -> tuple[str, ...]:
    """Return those of the versions that a pin allows in some patch release."""
    if pin is None:
        return tuple(minors)
    wanted = SpecifierSet(pin.specifier)
    return tuple(minor for minor in minors if any(wanted.contains(f"{minor}.{patch}") for patch in (0, 9, 99)))


class PythonChoices:
    """The choices that were made, remembered in a folder.

    Parameters
    ----------
    place : str
        What the Pythons are for: ``local``, or the platform of images.
    """

    def __init__(self, folder: Path, place: str) -> None:
        self._remembered = Remembered(folder, ".python.txt")
        self._place = place

    def known(self, spec: Specification) -> Choice | None:
        """Return what was chosen before, or None."""
        return _read(self._remembered.get(self._question(spec)))

    def choose(
        self,
        spec: Specification,
        candidates: Sequence[Candidate],
        lock: Callable[[Candidate, tuple[str, ...]], EnvironmentLock],
        watch: Watch,
        can_be_had: Callable[[Candidate], bool] = lambda _: True,
    ) -> Choice:
        """Return the Python for a specification.

        Parameters
        ----------
        candidates : sequence of Candidate
            The preferred one first, then in the order in which they shall be tried.
        lock : callable
            Resolves the specification for one of them; its second argument names packages that must be wheels.
        can_be_had : callable, optional
            Whether a candidate that would do is there.

        Raises
        ------
        PreparationError
            When it can be resolved for none, with the reason for the preferred one.
        """

        def ask(work: Path, held: int) -> str:
            search = _Search(spec, candidates, Wheels(watch, work, held), can_be_had, watch)
            return json.dumps(asdict(search.run(lock)))

        found = _read(self._remembered.get_or_ask(self._question(spec), watch, ask))
        return found or Choice()

    def advised(
        self,
        error: NotForThisPython,
        spec: Specification,
        here: Sequence[Candidate],
        others: Sequence[Candidate],
        watch: Watch,
    ) -> NotForThisPython:
        """Return an error with the Python that would do in its hint, when one is found.

        Parameters
        ----------
        here, others : sequence of Candidate
            Those that can be had, and those that would have to be installed; the newest first.
        """

        def ask(work: Path, held: int) -> str:
            search = _Search(spec, [*here, *others], Wheels(watch, work, held), lambda _: True, watch)
            found = search.ready_made()[0]
            return f"{'+' if found in here else '-'}{found.minor}" if found is not None else "."

        question = [*self._question(spec), "advice", [one.version for one in here]]
        said = self._remembered.get_or_ask(question, watch, ask)
        if said == ".":
            return error
        way = f"write python={said[1:]} in a conda specification"
        if said[0] == "-":
            way = "install it on this computer (pyenv and uv can)"
        hint = f"Python {said[1:]} has ready-made files of all these packages: {way}, or change the versions."
        return NotForThisPython(error.message, hint, details=error.details)

    def _question(self, spec: Specification) -> list[object]:
        asked = [[wanted.text, list(wanted.hashes)] for wanted in spec.requirements]
        pin = spec.python.specifier if spec.python else ""
        more = [list(spec.constraints)] if spec.constraints else []
        return ["which python", asked, pin, self._place, spec.allow_prereleases, *more]


def newest_ready_made(
    spec: Specification, candidates: Sequence[Candidate], wheels: Wheels, watch: Watch
) -> Candidate | None:
    """Return the first candidate for which everything is ready-made, but what is published as source alone."""
    return _Search(spec, candidates, wheels, lambda _: True, watch).ready_made()[0]


class _Search:
    """One search for a Python."""

    def __init__(
        self,
        spec: Specification,
        candidates: Sequence[Candidate],
        wheels: Wheels,
        can_be_had: Callable[[Candidate], bool],
        watch: Watch,
    ) -> None:
        self._spec = spec
        self._candidates = candidates
        self._wheels = wheels
        self._can_be_had = can_be_had
        self._watch = watch
        self._why_not: dict[str, Probe] = {}

    def run(self, lock: Callable[[Candidate, tuple[str, ...]], EnvironmentLock]) -> Choice:
        preferred = self._candidates[0]
        failure: NotForThisPython | None = None
        sources: tuple[str, ...] = ()
        try:
            sources = self._wheels.missing_from(lock(preferred, ()).text, preferred.words)
        except NotForThisPython as error:
            failure = error
        if failure is None and not sources:
            return Choice()
        self._watch.tell(
            "Choosing", f"Not everything is ready-made for Python {preferred.minor}: others are tried", 0.1
        )
        found, probe, skipped = self.ready_made()
        if found is None or (found is preferred and failure is None):
            if failure is not None:
                raise failure
            return Choice()
        needs_wheels = self._needs_wheels(found, probe, skipped, lock)
        return Choice(found.minor, self._words(found), probe.packages if needs_wheels else ())

    def ready_made(self) -> tuple[Candidate | None, Probe, list[str]]:
        """Return the first candidate for which all is ready-made but what is so for none, and what that is."""
        skipped: list[str] = []
        speaks: set[str] = set()
        while len(skipped) <= _MOST_LEFT_OUT:
            missing: dict[str, tuple[str, ...]] = {}
            for one in self._candidates:
                probe = self._wheels.probe(self._spec, one.words, skipped)
                if probe.fits and self._can_be_had(one):
                    return one, probe, skipped
                self._why_not[one.minor] = probe
                if probe.missing and probe.missing not in speaks:
                    missing[probe.missing] = probe.tried
            alone = [name for name, tried in missing.items() if not self._has_wheel(tried)]
            speaks |= missing.keys() - set(alone)
            if not alone:
                break
            # Published as source alone, so that it speaks for no Python.
            skipped += alone
        return None, Probe(fits=False), skipped

    def _has_wheel(self, tried: Sequence[str]) -> bool:
        return any(self._wheels.exists(text, one.words) for text in tried for one in self._candidates)

    def _needs_wheels(
        self,
        found: Candidate,
        probe: Probe,
        skipped: Sequence[str],
        lock: Callable[[Candidate, tuple[str, ...]], EnvironmentLock],
    ) -> bool:
        """Whether wheels must be asked for, because without a word the newest files would be built from source."""
        try:
            missing = self._wheels.missing_from(lock(found, ()).text, found.words)
        except NotForThisPython:
            return True
        return any(re.split(r"\s", one)[0] not in skipped for one in missing) and bool(probe.packages)

    def _words(self, found: Candidate) -> str:
        preferred = self._candidates[0]
        asked = f"“{self._spec.python.text}” leaves it open" if self._spec.python else "No Python version is named"
        why = self._why_not.get(preferred.minor)
        what = why.tried[0].replace("==", " ") if why and why.tried else ""
        lacks = f"there is none of {what} for Python {preferred.minor}" if what else ""
        return (
            f"{asked}: Python {found.version} is used, the newest here with a ready-made file (wheel) of every package"
            f"{f'; {lacks}' if lacks else ''}."
        )


def _read(text: str | None) -> Choice | None:
    try:
        said = json.loads(text or "")
        return Choice(said["minor"], said["why"], tuple(said["ready_made"]))
    except (ValueError, KeyError, TypeError):
        return None
