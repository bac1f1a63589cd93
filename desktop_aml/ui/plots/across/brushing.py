"""The parts of axes that are chosen, and how a hand or a key changes them. Draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from desktop_aml.ui.plots.across.axes import MISSING, Axis, Scale

Span = tuple[float, float]

_LEAST: Final = 0.01
"""A shorter stroke was a click: it lets go of the axis."""

_BEGUN_BY_KEY: Final = (0.25, 0.75)


@dataclass(frozen=True, slots=True)
class _Stroke:
    key: str
    grip: str
    at: float
    before: Span | None


class Brushing:
    """Spans by the keys of axes. Runs outside any of them are not chosen."""

    def __init__(self) -> None:
        self.spans: dict[str, Span] = {}
        self._stroke: _Stroke | None = None

    def is_drawing(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._stroke is not None

    def keep(self, axes: Sequence[Axis]) -> None:
        """Let go of axes that are not shown any more: a span that nobody sees would hide runs."""
        keys = {axis.key for axis in axes}
        self.spans = {key: span for key, span in self.spans.items() if key in keys}

    def begin(self, axis: Axis, grip: str, at: float) -> None:
        """Begin a stroke at a place of an axis: of a new span, or by a grip of the one there is."""
        self._stroke = _Stroke(axis.key, grip, at, self.spans.get(axis.key))

    def move(self, at: float) -> None:
        """Lead the stroke to another place."""
        stroke = self._stroke
        if stroke is None:
            return
        if stroke.before is None or not stroke.grip:
            self.spans[stroke.key] = _within(min(stroke.at, at), max(stroke.at, at))
        else:
            self.spans[stroke.key] = _pulled(stroke.before, stroke.grip, at - stroke.at)

    def end(self, at: float) -> None:
        """End the stroke; a click lets go of the axis."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None and abs(at - stroke.at) < _LEAST:
            self.spans.pop(stroke.key, None)

    def give_up(self) -> None:
        """End the stroke as if it had not begun."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            self.spans.pop(stroke.key, None)
            if stroke.before is not None:
                self.spans[stroke.key] = stroke.before

    def nudge(self, axis: Axis, grip: str, steps: int) -> None:
        """Move a span, or one end of it, by presses of a key; the first press begins one."""
        span = self.spans.get(axis.key)
        if span is not None:
            self.spans[axis.key] = _pulled(span, grip, steps * axis.step())
        elif axis.scale is Scale.CHOICE and axis.choices:
            at = 0.0 if steps > 0 else 1.0 - axis.step()
            self.spans[axis.key] = (at, at + axis.step())
        else:
            self.spans[axis.key] = _BEGUN_BY_KEY

    def clear(self, key: str = "") -> bool:
        """Let go of an axis, or of all; tell whether anything was chosen."""
        had = bool(self.spans) if not key else key in self.spans
        self.spans = {} if not key else {one: span for one, span in self.spans.items() if one != key}
        return had


def _within(low: float, high: float) -> Span:
    # A stroke below the axis takes the runs that have no value there.
    return max(2 * MISSING, low), min(1.0, high)


def _pulled(span: Span, grip: str, by: float) -> Span:
    low, high = span
    if grip == "low":
        return _within(min(low + by, high), high)
    if grip == "high":
        return _within(low, max(low, high + by))
    by = min(by, 1.0 - high) if by > 0 else max(by, 2 * MISSING - low)
    return low + by, high + by


def moved(keys: Sequence[str], key: str, to: int) -> tuple[str, ...]:
    """Return keys with one of them at another place."""
    others = [one for one in keys if one != key]
    others.insert(max(0, min(len(others), to)), key)
    return tuple(others)
