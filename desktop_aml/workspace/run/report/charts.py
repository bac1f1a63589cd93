"""Curves as SVG: one picture for each metric, one line for each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

COLORS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c6d00", "#5b5bd6", "#56a0d3", "#777777")
"""Told apart by people who see few colours, on white and on dark; after these the lines are dashed."""

_DASHES: Final = ("", "6 3", "2 3", "8 3 2 3")
_WIDTH, _HEIGHT = 460, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 12, 30
_MOST_POINTS: Final = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its run's place in the report, and its finite points."""

    place: int
    label: str
    points: Sequence[tuple[float, float]]


def style_of(place: int) -> tuple[str, str]:
    """Return colour and dashes of the run at a place."""
    return COLORS[place % len(COLORS)], _DASHES[place // len(COLORS) % len(_DASHES)]


def chart(name: str, lines: Sequence[Line]) -> str:
    """Return the picture of one metric; nothing where no line has two points."""
    drawn = [Line(one.place, one.label, _thinned(one.points)) for one in lines if len(one.points) > 1]
    if not drawn:
        return ""
    xs = [x for one in drawn for x, _ in one.points]
    ys = [y for one in drawn for _, y in one.points]
    low, high = _padded(min(ys), max(ys))
    first, last = min(xs), max(xs)
    span = last - first or 1.0

    def at(x: float, y: float) -> str:
        across = _LEFT + (x - first) / span * (_WIDTH - _LEFT - _RIGHT)
        # Halved, so that the span of the greatest numbers is no infinity.
        up = (y / 2 - low / 2) / (high / 2 - low / 2)
        return f"{across:.1f},{_HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM):.1f}"

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(name)}">',
        f"<title>{escape(name)}</title>",
    ]
    for share in (0.0, 0.5, 1.0):
        value = low + (high / 2 - low / 2) * 2 * share
        y = _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
        parts.append(f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(value)}</text>')
    for share, anchor in ((0.0, "start"), (1.0, "end")):
        x = _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
        words = short(first + span * share)
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 10}" text-anchor="{anchor}">{words}</text>')
    for one in drawn:
        color, dashes = style_of(one.place)
        path = " ".join(at(x, y) for x, y in one.points)
        parts.append(
            f'<polyline points="{path}" stroke="{color}" stroke-dasharray="{dashes}">'
            f"<title>{escape(one.label)}</title></polyline>"
        )
    return "".join(parts) + "</svg>"


def short(value: float) -> str:
    """Return a number in few letters."""
    return f"{value:.4g}"


def _padded(low: float, high: float) -> tuple[float, float]:
    if low == high:
        around = abs(low) * 0.1 or 1.0
        return (low - around, high + around) if math.isfinite(high + around) else (low / 2, high)
    return low, high


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Keep the least and the greatest of each stretch: what sticks out stays to be seen."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    kept: list[tuple[float, float]] = [points[0]]
    stretch = len(points) / (_MOST_POINTS / 2)
    for number in range(_MOST_POINTS // 2):
        part = points[int(number * stretch) : int((number + 1) * stretch)]
        if part:
            kept += sorted({min(part, key=lambda one: one[1]), max(part, key=lambda one: one[1])})
    return [*kept, points[-1]]
