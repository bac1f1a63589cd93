"""What lies in an exported file, and under which names: a ZIP archive that any tool opens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FORMAT: Final = 1
"""Version of the layout; a program refuses one that is newer than its own."""

SUFFIX: Final = ".amlrun"
INDEX: Final = "bundle.json"
RUNS: Final = "runs"
BLOBS: Final = "blobs"
LOCKS: Final = "locks"
ENVIRONMENTS: Final = "environments.json"

_OF_A_RUN: Final = re.compile(
    r"(request|imported|snapshot|bare_folders)\.json|(logs|journal)/[^/\0]{1,255}|attempts/(\d{1,9}|external)/exit\.json"
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: its length in bytes, and its SHA-256."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """What an archive says of itself. `exported_at` is Unix time in seconds; parents stand before their children."""

    format: int
    program: str
    exported_at: float
    workspace: str
    computer: str
    runs: tuple[str, ...]
    files: dict[str, Member] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What a name in the archive stands for; `run_id` is empty for what several runs share."""

    room: str
    run_id: str
    path: str


def place_of(name: str) -> Place | None:
    """Return what a name stands for; None for one that has no place in an archive."""
    room, _, rest = name.partition("/")
    if name == ENVIRONMENTS:
        return Place(ENVIRONMENTS, "", name)
    if room == RUNS:
        run_id, _, path = rest.partition("/")
        fits = _OF_A_RUN.fullmatch(path) is not None and Path(path).name not in {".", ".."}
        return Place(RUNS, run_id, path) if run_id and fits else None
    if room == BLOBS and _DIGEST.fullmatch(rest):
        return Place(BLOBS, "", rest)
    if room == LOCKS and _DIGEST.fullmatch(rest.removesuffix(".json")) and rest.endswith(".json"):
        return Place(LOCKS, "", rest)
    return None
