"""What a run used of this computer's GPUs: its curve and the most that it had at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from desktop_aml.domain.summaries.machine_use import GPU, GPU_MEMORY
from desktop_aml.domain.values import dataclass

CURVE: Final = "gpu_use.csv"
"""In the run's ``logs``: its curve, which the engine writes."""

HEADING: Final = b"seconds,gpus,memory_bytes\n"

MOST_POINTS: Final = 1200
"""When a curve has so many, two become one."""

_LARGEST: Final = 1 << 62
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class GpuPoint:
    """One point of the curve: the most since the point before.

    Parameters
    ----------
    seconds : float
        Since the script was started.
    gpus : float or None
        How many GPUs were busy: the sum over those that the run uses, 1 for one that is busy all the time. Of one that
        others use as well, all of it counts. None where the driver does not tell.
    memory_bytes : int or None
        GPU memory of the run's own processes; None where the driver does not tell.
    """

    seconds: float
    gpus: float | None
    memory_bytes: int | None

    def with_earlier(self, other: GpuPoint) -> GpuPoint:
        """Return one point for this one and the one before it."""
        return GpuPoint(self.seconds, _most(self.gpus, other.gpus), _most(self.memory_bytes, other.memory_bytes))

    def as_line(self) -> bytes:
        """Return it as the file of a curve has it."""
        gpus = "" if self.gpus is None else f"{self.gpus:.2f}"
        return f"{self.seconds:.1f},{gpus},{'' if self.memory_bytes is None else self.memory_bytes}\n".encode()


def curve_of(lines: Iterable[bytes]) -> tuple[GpuPoint, ...]:
    """Return the points of a curve; lines that are none are left out, as the script can write there, too."""
    found = []
    for line in lines:
        try:
            seconds, gpus, memory = line.strip().split(b",")
            point = GpuPoint(float(seconds), float(gpus) if gpus else None, int(memory) if memory else None)
        except ValueError:
            continue
        if all(0 <= one < _LARGEST for one in (point.seconds, point.gpus or 0.0, point.memory_bytes or 0)):
            found.append(point)
    return tuple(found)


def halved(points: Sequence[GpuPoint]) -> list[GpuPoint]:
    """Return half as many points with the same greatest values and the same last moment."""
    first = len(points) % 2
    pairs = zip(points[first::2], points[first + 1 :: 2], strict=True)
    return [*points[:first], *(later.with_earlier(earlier) for earlier, later in pairs)]


def peaks(points: Iterable[GpuPoint]) -> dict[str, float]:
    """Return the most that a run had at once, as `machine_use` names it; what nobody measured is left out."""
    gpus: float | None = None
    memory: int | None = None
    for point in points:
        gpus, memory = _most(gpus, point.gpus), _most(memory, point.memory_bytes)
    return {name: value for name, value in ((GPU, gpus), (GPU_MEMORY, memory)) if value is not None}


def _most(one: _Number | None, other: _Number | None) -> _Number | None:
    return max((value for value in (one, other) if value is not None), default=None)
