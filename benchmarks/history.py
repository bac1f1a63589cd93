"""The figures of benchmarks over time, a line each in ``history.jsonl``, and how the newest stand to those before.

    make benchmark                    measures, adds the figures, and says what became slower
    python -m benchmarks.history      says it again of what is there

A figure is compared with the median of those before it from the same kind of machine. Of one that is slower by a fifth
it is said; one whose every round is half as slow again, or takes 15 % more processor time, ends with exit code 1.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "history.jsonl"
VARIABLE = "DESKTOP_AML_BENCHMARK_HISTORY"
"""Where figures are added; where it is not set they are only printed."""

BEFORE = 5
"""With how many earlier figures one is compared."""

_WARNED, _FAILED = 1.2, {"ratio": 1.5, "cpu": 1.15}


@dataclass(frozen=True)
class Figure:
    """What one benchmark measured.

    Parameters
    ----------
    name : str
        The benchmark and what it measured: ``command_line: run list``.
    rounds : tuple of float
        Of each round; less is better.
    kind : str
        ``"ratio"`` to something that was measured in turn with it, or ``"cpu"``, seconds of processor time.
    commit, machine : str
        What was measured, and where: only figures of one kind of machine are compared.
    at : float
        Unix time in seconds.
    """

    name: str
    rounds: tuple[float, ...]
    kind: str = "ratio"
    commit: str = ""
    machine: str = ""
    at: float = 0.0


class Standing(StrEnum):
    """How a figure stands to those before it."""

    FIRST = "first"
    AS_BEFORE = "as before"
    SLOWER = "slower"
    MUCH_SLOWER = "much slower"


def note(name: str, rounds: Sequence[float], kind: str = "ratio") -> None:
    """Add a figure to the history, where one is kept: see `VARIABLE`."""
    place = os.environ.get(VARIABLE)
    if not place:
        return
    figure = Figure(name, tuple(round(one, 4) for one in rounds), kind, _commit(), machine(), round(time.time()))
    with Path(place).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(figure)) + "\n")


def read(lines: Iterable[str]) -> Iterator[Figure]:
    """Yield the figures of a history, oldest first; a line that is none is passed over, so that merges do no harm."""
    for line in lines:
        try:
            words = json.loads(line)
            yield Figure(**{**words, "rounds": tuple(map(float, words["rounds"]))})
        except (ValueError, TypeError, KeyError):
            continue


def standing(figures: Sequence[Figure]) -> tuple[Standing, float]:
    """Return how the last of `figures` stands to those before it, and by what factor. All are of one machine."""
    *earlier, newest = figures
    if not earlier:
        return Standing.FIRST, 1.0
    usual = statistics.median(statistics.median(one.rounds) for one in earlier[-BEFORE:])
    factor = statistics.median(newest.rounds) / usual
    if min(newest.rounds) > usual * _FAILED[newest.kind]:
        return Standing.MUCH_SLOWER, factor
    return (Standing.SLOWER if factor > _WARNED else Standing.AS_BEFORE), factor


@cache
def machine() -> str:
    """Return the kind of this machine: its processor, how many cores, its Python."""
    model = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    python = ".".join(map(str, sys.version_info[:2]))
    return f"{model or platform.machine()}, {os.cpu_count()} cores, Python {python}"


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return []


@cache
def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    found = subprocess.run(words, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def main() -> int:
    """Print how the newest figure of each name stands to those before it; 1 where one is much slower."""
    here, kept = machine(), Path(os.environ.get(VARIABLE) or FILE)
    by_name: dict[str, list[Figure]] = {}
    for figure in read(kept.read_text("utf-8").splitlines() if kept.exists() else ()):
        if figure.machine == here and figure.rounds:
            by_name.setdefault(figure.name, []).append(figure)
    worst = 0
    for name, figures in sorted(by_name.items()):
        how, factor = standing(figures)
        worst = max(worst, how is Standing.MUCH_SLOWER)
        print(f"{name:52} {statistics.median(figures[-1].rounds):9.3f} {figures[-1].kind:6} {factor:5.2f} times  {how}")
    return worst


if __name__ == "__main__":
    sys.exit(main())
