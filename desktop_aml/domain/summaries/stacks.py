"""Where the processes of a run are just now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.values import dataclass

_NOTHING: Final = "  It tells nothing: no Python, one before 3.8, or one that is stopped."


@dataclass(frozen=True, slots=True)
class ProcessStack:
    """One process of a run.

    Parameters
    ----------
    command : str
        What it was started with.
    text : str
        The stack of each of its threads, the latest call first; empty where it cannot tell.
    """

    pid: int
    command: str
    text: str


def in_words(stacks: Sequence[ProcessStack]) -> str:
    """Return them as a text."""
    return "\n\n".join(f"Process {one.pid}: {one.command}\n{one.text.rstrip() or _NOTHING}" for one in stacks) + "\n"
