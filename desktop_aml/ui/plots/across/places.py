"""Where the parts of parallel coordinates lie on the widget: axes, their titles and words, and what a point is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.across.axes import MISSING

GRIP: Final = 12
"""So many pixels beside an axis still belong to it."""

_EDGE: Final = 5
_TITLE: Final = 24
_LEAST_SIDE: Final = 40


@dataclass(frozen=True, slots=True)
class Places:
    """The layout for a size and a number of axes.

    Parameters
    ----------
    has_missing : bool
        Whether room is kept below the axes for runs without a value.
    """

    width: int
    height: int
    count: int
    has_missing: bool = False

    def left(self) -> float:
        """Return where the first axis stands."""
        return max(float(theme.SPACE_L), min(_LEAST_SIDE, self.width / (2 * max(1, self.count))))

    def right(self) -> float:
        """Return where the last axis stands; its words stand to the right of it."""
        return self.width - max(3 * theme.SPACE_L, min(96.0, self.width / (2 * max(1, self.count))))

    def x(self, number: int) -> float:
        """Return where an axis stands, counted from the left."""
        if self.count < 2:
            return self.width / 2
        return round(self.left() + (self.right() - self.left()) * number / (self.count - 1))

    def gap(self) -> float:
        """Return how far two axes stand apart."""
        return (self.right() - self.left()) / max(1, self.count - 1)

    def top(self) -> float:
        """Return the upper end of every axis."""
        return _TITLE + theme.SPACE_M

    def bottom(self) -> float:
        """Return the lower end of every axis."""
        lowest = self.height - theme.SPACE_M
        # The place of what is missing lies on the last line of pixels that is left.
        return lowest - (lowest - self.top()) * -MISSING / (1 - MISSING) if self.has_missing else lowest

    def y(self, place: float) -> float:
        """Return the height of a place of an axis."""
        return self.bottom() - (self.bottom() - self.top()) * place

    def place(self, y: float) -> float:
        """Return the place at a height."""
        return (self.bottom() - y) / max(1.0, self.bottom() - self.top())

    def title(self, number: int) -> QRectF:
        """Return the room of the title of an axis."""
        gap = self.gap() if self.count > 1 else self.width / 2
        left = max(0.0, self.x(number) - gap / 2 + 2)
        return QRectF(left, 0, min(self.width - left, self.x(number) + gap / 2 - 2 - left), _TITLE)

    def axis_at(self, x: float, reach: float = GRIP) -> int | None:
        """Return the axis at a horizontal position."""
        numbers = [number for number in range(self.count) if abs(self.x(number) - x) <= reach]
        return min(numbers, key=lambda number: abs(self.x(number) - x), default=None)

    def grip_of(self, span: tuple[float, float] | None, y: float) -> str:
        """Return what of a span a height is on: ``"low"``, ``"high"``, ``"middle"``, or nothing."""
        if span is None:
            return ""
        low, high = self.y(span[0]), self.y(span[1])
        if abs(y - high) <= _EDGE:
            return "high"
        if abs(y - low) <= _EDGE:
            return "low"
        return "middle" if high < y < low else ""
