"""What a run may use of the computer, and how often it is tried again.

They are properties of the run, so that they stand in its record, come back with it and go into its exports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.values import dataclass

CPUS: Final = "desktop_aml.cpus"
MEMORY: Final = "desktop_aml.memory_bytes"
RETRIES: Final = "desktop_aml.retries"
RETRY_FAILURES: Final = "desktop_aml.retry_failures"

RETRIED: Final = "desktop_aml.retried"
"""Property of a run that was tried again: how often."""

LEAST_MEMORY: Final = 16 << 20
"""No Python starts with less."""

MOST_MEMORY: Final = 1 << 50
MOST_CPUS: Final = 4096
MOST_RETRIES: Final = 100

_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a run may use, and how often it is tried again.

    Parameters
    ----------
    cpus : float or None
        Cores that it may use; None for all. The queue begins it once they are free.
    memory_bytes : int or None
        Memory that it may use; None for all.
    retries : int
        How many more attempts are made of a run whose end nobody saw, or that something else killed.
    retry_failures : bool
        Whether that goes for a script that failed, too.

    Examples
    --------
    >>> Needs(cpus=2, retries=1).as_properties()
    {'desktop_aml.cpus': '2', 'desktop_aml.retries': '1'}
    >>> Needs.of({"desktop_aml.memory_bytes": "2000000000"}).words()
    '2 GB of memory'
    """

    cpus: float | None = None
    memory_bytes: int | None = None
    retries: int = 0
    retry_failures: bool = False

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> Needs:
        """Return what the properties of a run say; what makes no sense is as good as absent."""
        cpus, memory = _number(properties.get(CPUS)), _number(properties.get(MEMORY))
        retries = _number(properties.get(RETRIES)) or 0
        return cls(
            cpus=cpus if cpus and cpus <= MOST_CPUS else None,
            memory_bytes=int(memory) if memory and LEAST_MEMORY <= memory <= MOST_MEMORY else None,
            retries=int(min(retries, MOST_RETRIES)),
            retry_failures=properties.get(RETRY_FAILURES) == "yes",
        )

    def as_properties(self) -> dict[str, str]:
        """Return the properties that say so."""
        found = {
            CPUS: f"{self.cpus:g}" if self.cpus is not None else "",
            MEMORY: str(self.memory_bytes) if self.memory_bytes is not None else "",
            RETRIES: str(self.retries) if self.retries else "",
            RETRY_FAILURES: "yes" if self.retry_failures else "",
        }
        return {name: text for name, text in found.items() if text}

    @property
    def is_limited(self) -> bool:
        """Whether it may not use all there is."""
        return self.cpus is not None or self.memory_bytes is not None

    def words(self) -> str:
        """Return the limits in words; empty for none."""
        cores = "" if self.cpus is None else f"{self.cpus:g} {'core' if self.cpus == 1 else 'cores'}"
        memory = "" if self.memory_bytes is None else f"{size_words(self.memory_bytes)} of memory"
        return " and ".join(filter(None, (cores, memory)))


def check_needs(properties: Mapping[str, str]) -> Needs:
    """Return what the properties of a run that is to be say.

    Raises
    ------
    InvalidInput
        When a limit or a number of retries makes no sense.
    """
    cpus, memory, retries = (_number(properties.get(name)) for name in (CPUS, MEMORY, RETRIES))
    if CPUS in properties and not (cpus and 0 < cpus <= MOST_CPUS):
        raise InvalidInput(
            f"A run cannot have “{properties[CPUS][:40]}” cores.", f"Use a number above 0, {MOST_CPUS} at most."
        )
    if MEMORY in properties and not (memory and LEAST_MEMORY <= memory <= MOST_MEMORY):
        raise InvalidInput(
            f"“{properties[MEMORY][:40]}” bytes are no limit of memory for a run.",
            f"Use at least {size_words(LEAST_MEMORY)}, such as 500MB or 2GB.",
        )
    if RETRIES in properties and (retries is None or retries != int(retries) or not 0 <= retries <= MOST_RETRIES):
        raise InvalidInput(
            f"A run cannot be tried again “{properties[RETRIES][:40]}” times.", f"Use 0 to {MOST_RETRIES}."
        )
    return Needs.of(properties)


def parse_size(words: str) -> int:
    """Return the bytes that words such as ``512MB``, ``2 GB`` or ``1.5GiB`` mean.

    Raises
    ------
    InvalidInput
        When they mean none.
    """
    found = _SIZE.fullmatch(words.strip())
    if found is None:
        raise InvalidInput(f"“{words[:40]}” is no amount of memory.", "Write it as 512MB, 2GB or 1.5GiB.")
    number, unit, is_binary = found.groups()
    return int(float(number) * (1024 if is_binary else 1000) ** " KMGT".index(unit.upper() or " "))


def size_words(count: int) -> str:
    """Return an amount of memory in words."""
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB")):
        if count >= 1000**power:
            return f"{count / 1000**power:.3g} {unit}"
    return f"{count / 1000:.3g} kB"


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None and len(text) <= 30 else None
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) and found >= 0 else None
