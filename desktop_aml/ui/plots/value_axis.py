"""An axis that tells its values apart: enough digits for its range, and values, never exponents, on a log scale.

Which values a log scale has a place for is decided in `log_scale`; axes of many runs in one picture are `across.axes`.
Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg

from desktop_aml.domain.summaries.extremes import Floats

_PLAIN_LETTERS: Final = 5
"""Words up to this long stay as they are; longer ones are written with a power of ten where that is shorter."""

_LEAST_TEXT_WIDTH: Final = 44
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_FEW_TICKS: Final = 6
_WIDE_DECADES: Final = 0.5
"""Over more of a log scale only 1, 2 and 5 of each decade are named: the words of 7, 8 and 9 would overlap."""

_ORDINARY: Final = (1e-9, 1e100)
"""Between these the arithmetic of drawing, differences and quotients of values, neither overflows nor loses them."""

_UNITS: Final = ((1e6, "M"), (1e3, "k"))
_UNIT_FROM: Final = 10
"""From 10,000 on thousands are written ``10k``, from 10,000,000 on millions ``10M``."""

_PLAIN_BELOW: Final = 1e7
_UNIT_UNTIL: Final = 1e9

Levels = list[tuple[float | None, list[float]]]


def power_of(values: Floats) -> int:
    """Return the power of ten by which values are divided before they are drawn: 0 for ordinary ones."""
    greatest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return 0 if greatest == 0 or _ORDINARY[0] <= greatest < _ORDINARY[1] else math.floor(math.log10(greatest))


def divided(values: Floats, power: int) -> Floats:
    """Return values divided by a power of ten that may itself be no number: in two steps."""
    if not power:
        return values
    quotient: Floats = values / 10.0 ** (power // 2) / 10.0 ** (power - power // 2)
    return quotient


def tick_words(value: float, decimals: int | None = None, power: int = 0) -> str:
    """Return a round number as it stands at an axis: ``0.25``, ``1500``, ``2·10⁻⁷``.

    Parameters
    ----------
    decimals : int, optional
        Digits behind the point that tell neighbours apart; otherwise as many as the number has, twelve at most.
    power : int
        The number is `value` times ten to this power.
    """
    plain = (
        np.format_float_positional(float(f"{value:.12g}"), trim="-") if decimals is None else f"{value:.{decimals}f}"
    )
    if not math.isfinite(value) or value == 0 or (len(plain.lstrip("-")) <= _PLAIN_LETTERS and not power):
        return plain
    digits = 11 if decimals is None else max(0, math.floor(math.log10(abs(value))) + decimals)
    mantissa, _, exponent = f"{value:.{min(digits, 11)}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    sign, factor = ("-" if mantissa.startswith("-") else ""), mantissa.lstrip("-")
    ten = f"10{str(int(exponent) + power).translate(_SUPERSCRIPTS)}"
    short = f"{sign}{ten}" if factor == "1" else f"{sign}{factor}·{ten}"
    return short if power or len(short) < len(plain) else plain


def unit_of(greatest: float, step: float) -> tuple[float, str]:
    """Return the unit that makes the ticks of an axis short: ``(1000.0, "k")``; ``(1.0, "")`` where none does.

    Parameters
    ----------
    greatest : float
        The greatest tick without its sign.
    step : float
        The distance of two ticks.
    """
    for unit, letter in _UNITS if greatest < _UNIT_UNTIL else ():
        if greatest >= _UNIT_FROM * unit:
            return (unit, letter) if step >= unit / 10 else (1.0, "")
    return 1.0, ""


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at round values, named so that no two of them read alike."""

    logMode: bool  # noqa: N815
    power: int = 0
    """What is drawn at an even scale are the values divided by ten to this power."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Levels:  # noqa: N802, N803
        """Return the ticks; a log scale within one decade has its round values too."""
        levels: Levels = super().tickValues(minVal, maxVal, size)
        low, high = sorted((minVal, maxVal))
        if not self.logMode or sum(low <= tick <= high for _, ticks in levels for tick in ticks) > 1:
            return levels
        least, greatest = _power(low), _power(high)
        if not 0 < least < greatest < math.inf:
            return levels
        self.logMode = False
        try:
            rounds: Levels = super().tickValues(least, greatest, size)
        finally:
            self.logMode = True
        return [(None, [math.log10(tick) for tick in ticks if tick > 0]) for _, ticks in rounds]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:  # noqa: N802
        """Return the words at the ticks."""
        if self.logMode or spacing is None:
            is_crowded = len(values) > _FEW_TICKS and max(values) - min(values) > _WIDE_DECADES
            numbers = [_power(value) * scale for value in values]
            return ["" if is_crowded and not _is_chief(number) else tick_words(number) for number in numbers]
        step = abs(spacing * scale)
        decimals = max(0, math.ceil(-math.log10(step) - 1e-9)) if step > 0 else 0
        numbers = [value * scale for value in values]
        unit, letter = (1.0, "") if self.power else unit_of(max(map(abs, numbers), default=0.0), step)
        if not letter and not decimals and not self.power and max(map(abs, numbers), default=0.0) < _PLAIN_BELOW:
            # Neighbours that need all their digits would stand oddly beside a power of ten.
            return [f"{one:.0f}" for one in numbers]
        if letter:
            decimals = max(0, math.ceil(-math.log10(step / unit) - 1e-9))
            return ["0" if abs(one) < step / 1000 else f"{one / unit:.{decimals}f}{letter}" for one in numbers]
        return ["0" if abs(one) < step / 1000 else tick_words(one, decimals, self.power) for one in numbers]

    def _updateMaxTextSize(self, x: int) -> None:  # noqa: N802
        """Keep the room that most words need, so that plots under each other begin at the same place."""
        is_upright = self.orientation in ("left", "right")
        super()._updateMaxTextSize(max(x, _LEAST_TEXT_WIDTH) if is_upright else x)


def _is_chief(number: float) -> bool:
    return f"{number:.2e}"[:4] in ("1.00", "2.00", "5.00")


def _power(exponent: float) -> float:
    try:
        return float(10.0**exponent)
    except OverflowError:
        return math.inf
