"""What is asked of a batch system for each node of a cluster."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.values import dataclass

LONGEST_TIME_S: Final = 365 * 24 * 3600
_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.,@\-]*")
_HEAD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*|[0-9A-Fa-f:.]+")
_LONGEST_DIRECTIVE: Final = 500


class BatchSystem(StrEnum):
    """The systems whose commands are known."""

    SLURM = "slurm"
    PBS = "pbs"
    LSF = "lsf"

    @property
    def label(self) -> str:
        """What people call it."""
        return self.value.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchJobs:
    """What each node asks a batch system for; it is one job there.

    Parameters
    ----------
    system : BatchSystem or None
        None for a cluster that no batch system starts.
    queue : str
        SLURM's partition, or a queue; empty for the usual one.
    cores, memory_mb : int
        Of each node; 0 for what the system gives.
    time_s : int
        After which the system ends a node; 0 for what the system gives.
    directives : tuple of str
        More lines for the system, without the mark at their beginning, such as ``--account=lab``.
    head : str
        Name or number of this computer by which nodes reach it; empty for its own name.
    """

    system: BatchSystem | None = None
    queue: str = ""
    cores: int = 0
    memory_mb: int = 0
    time_s: int = 0
    directives: tuple[str, ...] = ()
    head: str = ""

    def in_words(self) -> str:
        """Return what each node is asked for, such as “SLURM, queue main, 4 cores”; empty without a system."""
        if self.system is None:
            return ""
        parts = (
            self.system.label,
            f"queue {self.queue}" if self.queue else "",
            f"{self.cores} core{'s' if self.cores > 1 else ''}" if self.cores else "",
            f"{self.memory_mb} MB" if self.memory_mb else "",
            f"{self.time_s} s at most" if self.time_s else "",
            *self.directives,
        )
        return ", ".join(filter(None, parts))


def check_batch(asked: BatchJobs) -> BatchJobs:
    """Return what can be asked of a batch system as it is.

    Raises
    ------
    InvalidInput
        When it makes no sense, or could mean something else to the system.
    """
    if asked.queue and _WORD.fullmatch(asked.queue) is None:
        raise InvalidInput(f"“{asked.queue[:200]}” is not the name of a queue.", "Name one that the system has.")
    if asked.head and _HEAD.fullmatch(asked.head) is None:
        raise InvalidInput(
            f"“{asked.head[:200]}” is not the name of a computer.", "Name this computer as the nodes know it."
        )
    for value, what in ((asked.cores, "cores"), (asked.memory_mb, "MB of memory")):
        if not 0 <= value < 1 << 24:
            raise InvalidInput(f"A node cannot have {value} {what}.", "Leave it out for what the system gives.")
    if not 0 <= asked.time_s <= LONGEST_TIME_S:
        raise InvalidInput(f"A node cannot be there for {asked.time_s} s.", f"Choose up to {LONGEST_TIME_S} seconds.")
    for line in asked.directives:
        if not line.strip() or len(line) > _LONGEST_DIRECTIVE or not line.isprintable():
            raise InvalidInput(f"“{line[:200]}” is not one line for a batch system.", "Such as: --account=lab")
    return asked
