"""Which builder makes an environment, and why: what the specification names, what can be reached, what the user chose.

A choice is remembered with the specification, so that an environment that was built once is found again without
asking any server, and stays the same.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import ChannelsUnreachable, InvalidInput
from desktop_aml.environments.spec import conda_channels
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain.builder import Watch
from desktop_aml.environments.toolchain.files import write_whole

UV: Final = "uv"
CONDA: Final = "conda"
_BUILDERS: Final = (UV, CONDA)
_CHOSEN: Final = "You chose it."


@dataclass(frozen=True, slots=True)
class Choice:
    """A builder, and why it was chosen.

    Parameters
    ----------
    is_stand_in : bool
        Whether it stands in for conda, whose channels could not be reached; the next build tries them again.
    """

    builder: str
    why: str
    is_stand_in: bool = False

    @property
    def is_the_users(self) -> bool:
        """Whether the user chose it, so that nothing else is meant."""
        return self.why == _CHOSEN


class Choices:
    """The choices of this user, remembered in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def known(self, spec: Specification) -> Choice | None:
        """Return what was chosen before, or what needs no question; None when the channels must be asked."""
        if spec.kind is EnvironmentKind.PIP:
            return Choice(UV, "A requirements file names packages of PyPI.")
        try:
            return Choice(**json.loads(self._path(spec).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None if spec.channels else Choice(UV, "The specification names no channel of conda.")

    def choose(self, spec: Specification, watch: Watch) -> Choice:
        """Return the builder for a specification, asking its channels whether they can be reached.

        Raises
        ------
        ChannelsUnreachable
            When they cannot, and PyPI cannot stand in for them.
        """
        known = self.known(spec)
        if known is not None and not known.is_stand_in:
            return known
        names = ", ".join(spec.channels)
        watch.tell("Choosing", f"Asking the channels {names}", 0.01)
        reason = conda_channels.why_unreachable(spec.channels)
        if reason:
            return self.stand_in(spec, reason, watch)
        return self._remember(spec, Choice(CONDA, f"The specification names channels of conda: {names}."))

    def stand_in(self, spec: Specification, reason: str, watch: Watch) -> Choice:
        """Return PyPI in place of channels that cannot be reached, after saying so.

        Raises
        ------
        ChannelsUnreachable
            When the specification asks for what only conda has.
        """
        if spec.pypi_faults:
            fault = spec.pypi_faults[0]
            raise ChannelsUnreachable(
                f"Line {fault.line}: {fault.message} The channels are needed, but {reason}.",
                "Connect to the network and build again; once built, it needs no network.",
            )
        why = f"The packages come from PyPI, because {reason}."
        watch.tell("Choosing", why, 0.02)
        return self._remember(spec, Choice(UV, why, is_stand_in=True))

    def prefer(self, spec: Specification, builder: str) -> None:
        """Remember that the user wants a builder for a specification; empty forgets what was chosen.

        Raises
        ------
        InvalidInput
            When there is no such builder, or it cannot build such a specification.
        """
        if not builder:
            self._path(spec).unlink(missing_ok=True)
            return
        choice = self.wanted(spec, builder)
        if spec.kind is EnvironmentKind.CONDA:
            self._remember(spec, choice)

    def wanted(self, spec: Specification, builder: str) -> Choice:
        """Return the user's choice of a builder, without remembering it.

        Raises
        ------
        InvalidInput
            When there is no such builder, or it cannot build such a specification.
        """
        if builder not in _BUILDERS:
            raise InvalidInput(f"There is no builder “{builder}”.", f"Choose one of: {', '.join(_BUILDERS)}.")
        if builder == CONDA and spec.kind is not EnvironmentKind.CONDA:
            raise InvalidInput("Only a conda specification can be built by conda.", "Write a conda YAML.")
        if builder == UV and spec.pypi_faults:
            fault = spec.pypi_faults[0]
            raise InvalidInput(f"Line {fault.line}: {fault.message}", fault.hint)
        return Choice(builder, _CHOSEN)

    def _remember(self, spec: Specification, choice: Choice) -> Choice:
        write_whole(self._path(spec), json.dumps(asdict(choice)))
        return choice

    def _path(self, spec: Specification) -> Path:
        asked = [list(spec.channels), [one.text for one in spec.matches], [one.text for one in spec.requirements]]
        return self._folder / f"{hashlib.sha256(json.dumps(asked).encode()).hexdigest()}.json"
