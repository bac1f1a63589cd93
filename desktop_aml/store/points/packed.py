"""What a block of points is made of: columns of numbers as bytes, and the extremes of its stretches.

Standard library only: the engine packs, and does not load numpy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from struct import Struct
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.values import dataclass

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import Scalar

SIZE: Final = 2048
"""Points of a block: as rows so few of a curve's newest are read in a millisecond or two."""

STRETCH: Final = 256
"""Points that share one entry of the extremes; `SIZE` is a multiple of it."""

NONE: Final = 0xFFFF
"""The place of a gap where there is none."""

EXTREME: Final = Struct("<HHHH2d3d")
"""Places of the least, the greatest and the first undrawable point of a stretch; the two values; the three times.

Short enough for a block's extremes to lie beside its key, where no other page has to be read for them.
"""

EXTREME_STEPS: Final = Struct("<3q")
"""The steps of those three, where a block's steps are not regular."""

_EXACT: Final = 1 << 53
_INT64: Final = 1 << 63
_FLOATS: Final = Struct(f"<{SIZE}d")
_STEPS: Final = Struct(f"<{SIZE}q")


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of a block, as the database holds them.

    Parameters
    ----------
    step, stride : int or None
        The first step and what is added from one to the next, where that is regular.
    extremes : bytes
        An `EXTREME` for each stretch.
    extreme_steps : bytes or None
        An `EXTREME_STEPS` for each stretch, where steps are not regular.
    whole : bytes
        The places of whole numbers, unsigned and 16 bits each.
    steps : bytes or None
        Signed 64-bit numbers; None where they are regular, or where no point has a step.
    times, numbers : bytes
        64-bit floats. Times are Unix times in seconds.
    """

    step: int | None
    stride: int | None
    extremes: bytes
    extreme_steps: bytes | None
    whole: bytes
    steps: bytes | None
    times: bytes
    numbers: bytes


def packed(steps: Sequence[int | None], times: Sequence[float], values: Sequence[Scalar]) -> Block | None:
    """Return `SIZE` points as a block; None where they cannot be kept exactly in one.

    Parameters
    ----------
    steps : sequence of int or None
        Within 64 bits.
    """
    kinds = set(map(type, values))
    if not kinds <= {float, int} or math.isnan(sum(times)):
        # A time that is none is refused with its row.
        return None
    whole = [place for place, value in enumerate(values) if type(value) is int] if int in kinds else []
    if any(not -_EXACT <= values[place] <= _EXACT for place in whole):  # type: ignore[operator]
        return None
    numbers: list[float] = values  # type: ignore[assignment]
    step, stride, irregular = None, None, None
    if steps.count(None) != len(steps):
        if None in steps:
            return None
        irregular = [step for step in steps if step is not None]
        step, stride = irregular[0], irregular[1] - irregular[0]
        if _is_regular(irregular, step, stride):
            irregular = None
        else:
            step = stride = None
    chosen = [_extremes(numbers[at : at + STRETCH], at) for at in range(0, SIZE, STRETCH)]
    return Block(
        step,
        stride,
        b"".join(
            EXTREME.pack(
                *(at % STRETCH for at in (low, high)),
                NONE if gap is None else gap % STRETCH,
                0,
                *(numbers[at] for at in (low, high)),
                *(times[low if at is None else at] for at in (low, high, gap)),
            )
            for low, high, gap in chosen
        ),
        None
        if irregular is None
        else b"".join(EXTREME_STEPS.pack(*(irregular[one[0] if at is None else at] for at in one)) for one in chosen),
        Struct(f"<{len(whole)}H").pack(*whole),
        None if irregular is None else _STEPS.pack(*irregular),
        _FLOATS.pack(*times),
        _FLOATS.pack(*numbers),
    )


def unpacked(block: Block, first: int = 0) -> Iterable[tuple[int | None, float, float]]:
    """Return step, Unix time in seconds and value of each point from the place `first` on."""
    steps: Iterable[int | None] = (None,) * SIZE
    if block.steps is not None:
        steps = _STEPS.unpack(block.steps)
    elif block.step is not None and block.stride is not None:
        steps = [block.step + place * block.stride for place in range(SIZE)]
    numbers: list[float] = list(_FLOATS.unpack(block.numbers))
    for place in Struct(f"<{len(block.whole) // 2}H").unpack(block.whole):
        numbers[place] = int(numbers[place])
    points = zip(steps, _FLOATS.unpack(block.times), numbers, strict=True)
    return points if not first else list(points)[first:]


def _is_regular(steps: Sequence[int], step: int, stride: int) -> bool:
    if not -_INT64 <= stride < _INT64 or step + stride * (SIZE - 1) != steps[-1]:
        return False
    return steps.count(step) == SIZE if not stride else steps == list(range(step, step + stride * SIZE, stride))


def _extremes(part: Sequence[float], at: int) -> tuple[int, int, int | None]:
    """Return where the least, the greatest and the first undrawable value of a stretch are; the first of equal ones."""
    # One that is not finite makes the sum so, too; a sum that only grew too great costs a closer look.
    if math.isfinite(sum(part)):
        return at + part.index(min(part)), at + part.index(max(part)), None
    finite = [value for value in part if math.isfinite(value)]
    gap = next((place for place, value in enumerate(part) if not math.isfinite(value)), None)
    if not finite:
        return at, at, gap if gap is None else at + gap
    return at + part.index(min(finite)), at + part.index(max(finite)), None if gap is None else at + gap
