"""How the code of one run differs from that of another, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff

from desktop_aml.domain.compare.locks import ChangeKind


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One file that differs.

    Parameters
    ----------
    lines : tuple of str
        A unified diff; empty for files that are no text or too large.
    """

    path: str
    kind: ChangeKind
    lines: tuple[str, ...] = ()


def changed_lines(before: str, after: str) -> tuple[str, ...]:
    """Return a unified diff of two texts, without its head."""
    return tuple(unified_diff(before.splitlines(), after.splitlines(), n=3, lineterm=""))[2:]
