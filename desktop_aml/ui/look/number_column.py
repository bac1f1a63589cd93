"""How the numbers of one column are written: all with the same decimals, so that they line up at the point."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, Self

from desktop_aml.ui.look import formats

_DIGITS: Final = 4
_MOST_DECIMALS: Final = 7
_BEYOND: Final = 6
"""What needs more decimals, or is as large as ten to this, is written with an exponent."""

_WIDEST: Final = 9
"""Digits of the longest number of a column, before and after the point together."""


class NumberColumn:
    """Learns the numbers of a column, and writes each with as many decimals as the one that needs most.

    Four significant digits count of each. A number that these decimals would not show, or that is too large for them,
    is written for itself with an exponent; where most are so, all are, with the same digits. Whole numbers alone, and
    what is no number, are as `formats.number4` writes them.
    """

    __slots__ = ("_decimals", "_digits", "_fitting", "_has_fractions", "_odd", "_whole")

    def __init__(self, values: Iterable[object] = ()) -> None:
        self._has_fractions = False
        self._decimals = self._fitting = self._odd = 0
        self._digits = self._whole = 1
        for value in values:
            self.learn(value)

    def copy(self) -> Self:
        """Return another that knows the same."""
        other = type(self)()
        for name in NumberColumn.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    @property
    def form(self) -> tuple[str, int] | None:
        """How numbers are written now: a format of Python and its digits; None while each is written for itself."""
        if not self._has_fractions:
            return None
        if self._odd > self._fitting:
            return "e", self._digits - 1
        return "f", max(0, min(self._decimals, _WIDEST - self._whole))

    def learn(self, value: object) -> None:
        """Take a number into account; anything else is passed over."""
        kind = type(value)
        if kind is int:
            if abs(value) < 10**_BEYOND:  # type: ignore[arg-type]
                self._whole = max(self._whole, len(str(abs(value))))  # type: ignore[arg-type]
            return
        if kind is not float or not math.isfinite(value):  # type: ignore[arg-type]
            return
        self._has_fractions = True
        digits, exponent = _parts(value)  # type: ignore[arg-type]
        self._digits = max(self._digits, digits)
        if value and (exponent >= _BEYOND or digits - 1 - exponent > _MOST_DECIMALS):
            self._odd += 1
            return
        self._fitting += 1
        self._decimals = max(self._decimals, digits - 1 - exponent)
        self._whole = max(self._whole, exponent + 1)

    def text(self, value: object) -> str:
        """Return a number as the column writes it, and anything else as it is."""
        form = self.form
        if form is None or isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return formats.number4(value)
        kind, count = form
        if kind == "e" or not value:
            return f"{value:.{count}{kind}}" if value else "0" if kind == "e" else f"{0:.{count}f}"
        # What would lose its digits, or fill the column with them, is not cut to the decimals of the others.
        if abs(value) >= 10**_BEYOND or (abs(value) < 10 ** (1 - count) and _needed(value) > count):
            return formats.number4(value) if isinstance(value, int) else f"{value:.{_DIGITS - 1}e}"
        return f"{value:.{count}f}"


def _parts(value: float) -> tuple[int, int]:
    """Return how many of the first significant digits a number needs, and the exponent of its first one."""
    mantissa, exponent = f"{abs(value):.{_DIGITS - 1}e}".split("e")
    return len(mantissa.rstrip("0").rstrip(".").replace(".", "")), int(exponent)


def _needed(value: float) -> int:
    digits, exponent = _parts(value)
    return digits - 1 - exponent


def in_one_form(values: Iterable[object]) -> list[str]:
    """Return the texts of all values of a column."""
    held = list(values)
    column = NumberColumn(held)
    return [column.text(value) for value in held]
