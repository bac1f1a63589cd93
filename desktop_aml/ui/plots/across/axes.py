"""Where the values of runs stand on an axis: numbers, numbers over decades, or one of several texts.

Imports numpy and pyqtgraph's axis words: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_aml.domain.compare.sheet import RunSheet, SheetColumn
from desktop_aml.domain.metrics import Scalar, number_of
from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.look import formats
from desktop_aml.ui.plots.value_axis import tick_words, unit_of

MISSING: Final = -0.09
"""The place of runs that have no value, or none that an axis could hold: below its lower end."""

_DECADES: Final = 2.0
_CROWDED_DECADES: Final = 0.9
_CROWDED: Final = 0.25
"""Over a decade, too, where half of the values stand so low that they could not be told apart."""

_LEAST_APART: Final = 0.06
"""Of the values of few: nearer ones would have their words over each other."""

_FEW_VALUES: Final = 6
_FEW_DECADES: Final = 3
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)

Marks: TypeAlias = NDArray[np.bool_]
Ticks = tuple[tuple[float, str], ...]


class Scale(StrEnum):
    """How values are laid out."""

    NUMBER = "number"
    LOG = "log"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One column of a sheet, laid out from 0 (lower end) to 1.

    Parameters
    ----------
    places : array of float, shape (n_runs,)
        `MISSING` for runs that have nothing here.
    low, high : float
        The values at the ends: decimal logarithms on a log scale; unused for texts.
    choices : tuple of str
        The texts, from the lower end.
    marked : tuple of float
        The values themselves where they are few, in rising order.
    """

    key: str
    title: str
    scale: Scale
    places: Floats
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()
    marked: tuple[float, ...] = ()

    def has_missing(self) -> bool:
        """Whether any run has nothing here."""
        return bool((self.places < 0).any())

    def place_of(self, value: float) -> float:
        """Return where a number stands."""
        inner = math.log10(value) if self.scale is Scale.LOG else value
        return _share(inner, self.low, self.high)

    def ticks(self, most: int) -> Ticks:
        """Return places and words of at most so many ticks, from the lower end."""
        most = max(2, most)
        if self.scale is Scale.CHOICE:
            step = -(-len(self.choices) // most) if self.choices else 1
            return tuple((_middle(at, len(self.choices)), self.choices[at]) for at in range(0, len(self.choices), step))
        if self.low == self.high or 0 < len(self.marked) <= min(most, _FEW_VALUES):
            return self._marks()
        if self.scale is Scale.LOG:
            return self._decades(most)
        return self._round_numbers(most)

    def _marks(self) -> Ticks:
        found: list[tuple[float, str]] = []
        for one in self.marked:
            if not found or self.place_of(one) - found[-1][0] >= _LEAST_APART:
                found.append((self.place_of(one), _words(one)))
        return tuple(found)

    def _decades(self, most: int) -> Ticks:
        first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
        step = max(1, -(-(last - first + 1) // most))
        numbers = [10.0**power for power in range(first, last + 1, step)]
        if len(numbers) < _FEW_DECADES and most > _FEW_VALUES:
            numbers = [factor * 10.0**power for power in range(first - 1, last + 1) for factor in _STEPS[:3]]
        exponents = [(math.log10(number), number) for number in numbers if number > 0]
        inside = [one for one in exponents if self.low - 1e-9 <= one[0] <= self.high + 1e-9]
        return tuple((_share(exponent, self.low, self.high), tick_words(number)) for exponent, number in inside)

    def _round_numbers(self, most: int) -> Ticks:
        span = self.high - self.low
        if not math.isfinite(span):
            return ((0.0, _words(self.low)), (1.0, _words(self.high)))
        rough = span / most
        power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 0.0
        step = next((one * power for one in _STEPS if one * power >= rough * 0.999), 0.0)
        if not step or not math.isfinite(step):
            return ((0.0, _words(self.low)), (1.0, _words(self.high)))
        numbers = [
            at * step for at in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
        ]
        unit, letter = unit_of(max(map(abs, numbers), default=0.0), step)
        decimals = max(0, math.ceil(-math.log10(step / unit) - 1e-9))
        return tuple(
            (
                _share(one, self.low, self.high),
                f"{one / unit:.{decimals}f}{letter}" if letter else tick_words(one, decimals),
            )
            for one in numbers
        )

    def words_at(self, place: float) -> str:
        """Return the value at a place: the nearest text, or a number of four digits."""
        if self.scale is Scale.CHOICE:
            count = len(self.choices)
            return self.choices[min(count - 1, max(0, int(place * count)))] if count else formats.NOTHING
        inner = self.low + (self.high - self.low) * min(1.0, max(0.0, place))
        return formats.number4(10.0**inner if self.scale is Scale.LOG else inner)

    def step(self) -> float:
        """Return how far one press of an arrow key moves: a text, or a fiftieth."""
        return 1 / len(self.choices) if self.choices else 0.02


def axis_of(column: SheetColumn) -> Axis:
    """Lay a column out: numbers as numbers, over two decades and more as logarithms, everything else as texts."""
    known = [value for value in column.values if value is not None]
    if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return _of_numbers(column)
    return _of_choices(column)


def axes_of(sheet: RunSheet) -> tuple[Axis, ...]:
    """Lay out every column of a sheet; it may take a moment with many runs."""
    return tuple(map(axis_of, sheet.columns))


def _of_numbers(column: SheetColumn) -> Axis:
    numbers = np.array([number_of(value) for value in column.values])
    finite = np.isfinite(numbers)
    places = np.full(len(numbers), MISSING)
    if not finite.any():
        return Axis(column.key, column.name, Scale.NUMBER, places)
    low, high = float(numbers[finite].min()), float(numbers[finite].max())
    marked = np.unique(numbers[finite])
    few = tuple(marked.tolist()) if len(marked) <= _FEW_VALUES else ()
    scale = Scale.NUMBER
    if low > 0 and _is_wide(numbers[finite], low, high):
        scale, low, high = Scale.LOG, math.log10(low), math.log10(high)
        numbers = np.log10(numbers, where=finite, out=numbers.copy())
    # Halves: the difference of two numbers may be more than a float holds.
    width = high / 2 - low / 2
    places[finite] = (numbers[finite] / 2 - low / 2) / width if width else 0.5
    return Axis(column.key, column.name, scale, places, low, high, marked=few)


def _is_wide(numbers: Floats, low: float, high: float) -> bool:
    """Whether numbers above 0 are told apart by their logarithms alone."""
    decades = math.log10(high) - math.log10(low)
    middle = float(np.median(numbers))
    return decades >= _DECADES or (decades >= _CROWDED_DECADES and _share(middle, low, high) < _CROWDED)


def _of_choices(column: SheetColumn) -> Axis:
    choices = sorted({value for value in column.values if value is not None}, key=_order)
    words = tuple(dict.fromkeys(map(str, choices)))
    at = {word: _middle(number, len(words)) for number, word in enumerate(words)}
    places = np.array([MISSING if value is None else at[str(value)] for value in column.values])
    return Axis(column.key, column.name, Scale.CHOICE, places, choices=words)


def _order(value: Scalar) -> tuple[bool, float, str]:
    """Numbers in their order before texts in theirs."""
    number = number_of(value) if not isinstance(value, bool) else math.nan
    return (True, 0.0, str(value)) if math.isnan(number) else (False, number, "")


def _middle(number: int, count: int) -> float:
    return (number + 0.5) / count


def _share(value: float, low: float, high: float) -> float:
    width = high / 2 - low / 2
    return (value / 2 - low / 2) / width if width else 0.5


def _words(value: float) -> str:
    return f"{int(value)}" if value.is_integer() and abs(value) < 1e5 else tick_words(float(f"{value:.4g}"))


def brushed(axes: Sequence[Axis], spans: dict[str, tuple[float, float]], count: int) -> Marks:
    """Return which of `count` runs lie within every span, given by the keys of axes."""
    inside: Marks = np.ones(count, dtype=bool)
    for axis in axes:
        if axis.key in spans:
            low, high = spans[axis.key]
            inside &= (axis.places >= low) & (axis.places <= high)
    return inside
