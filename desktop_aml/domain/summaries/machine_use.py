"""What a run used of the computer: its sums and its curve, as far as they could be measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from desktop_aml.domain.values import dataclass

PROPERTY: Final = "desktop_aml.use."
"""How the properties of a run begin that hold its sums."""

CURVE: Final = "machine_use.csv"
"""In the run's ``logs``: its curve."""

CPU: Final = "cpu_s"
MEMORY: Final = "peak_memory_bytes"
READ: Final = "read_bytes"
WRITTEN: Final = "written_bytes"
GPU: Final = "peak_gpus"
GPU_MEMORY: Final = "peak_gpu_memory_bytes"
NAMES: Final = (CPU, MEMORY, WRITTEN, READ, GPU, GPU_MEMORY)
"""Sums that a run has, in the order in which they are shown: seconds of processor, the most memory, bytes of disks, the
most GPUs that were busy and the most of their memory."""
_FRACTIONS: Final = {CPU, GPU}

_LARGEST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class UsePoint:
    """One point of the curve.

    Parameters
    ----------
    seconds : float
        Since the script was started.
    cores : float
        How many cores were busy since the point before.
    read_bytes, written_bytes : int or None
        Since the start; None where the system does not tell.
    """

    seconds: float
    cores: float
    memory_bytes: int
    read_bytes: int | None
    written_bytes: int | None


def sums(record: Mapping[str, object]) -> dict[str, float]:
    """Return the sums in an exit record; what makes no sense is left out, as the script can write there, too."""
    found: dict[str, float] = {}
    for name, value in (
        (CPU, record.get("cpu_s")),
        (MEMORY, max(_number(record.get("peak_memory_bytes")), _number(record.get("max_rss_bytes")))),
        (WRITTEN, record.get("written_bytes")),
        (READ, record.get("read_bytes")),
    ):
        number = _number(value)
        if number > 0 or (number == 0 and name in {WRITTEN, READ}):
            found[name] = number
    return found


def _number(value: object) -> float:
    """Return a number that can be a sum, or -1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _LARGEST:
        return -1
    return value


def as_properties(found: Mapping[str, float]) -> dict[str, str]:
    """Return sums as properties of a run."""
    return {
        f"{PROPERTY}{name}": f"{value:.2f}" if name in _FRACTIONS else str(int(value)) for name, value in found.items()
    }


def of_properties(properties: Mapping[str, str]) -> dict[str, float]:
    """Return the sums that a run has."""
    found = {}
    for name in NAMES:
        try:
            found[name] = float(properties[f"{PROPERTY}{name}"])
        except (KeyError, ValueError):
            continue
    return found


def curve_of(lines: Iterable[bytes]) -> tuple[UsePoint, ...]:
    """Return the points of a curve as the supervisor wrote them; lines that are none are left out."""
    found = []
    for line in lines:
        parts = line.strip().split(b",")
        try:
            seconds, cores, memory, read, written = parts
            disks = [int(count) if count else None for count in (read, written)]
            point = UsePoint(float(seconds), float(cores), int(memory), *disks)
        except ValueError:
            continue
        if 0 <= point.seconds < _LARGEST and 0 <= point.cores < _LARGEST and 0 <= point.memory_bytes < _LARGEST:
            found.append(point)
    return tuple(found)
