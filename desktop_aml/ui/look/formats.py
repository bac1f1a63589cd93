"""How times, durations, sizes and numbers are written for people. Pure functions of their arguments."""

from __future__ import annotations

import math
import time
from typing import Final

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

NOTHING: Final = "–"
"""Shown where there is no value."""

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def _tr(text: str) -> str:
    return QCoreApplication.translate("formats", text)


def relative_time(at: float | None, now: float | None = None) -> str:
    """Return how long ago `at` was: "just now", "3 min ago", "yesterday", else the date.

    Parameters
    ----------
    at, now : float or None
        Unix time in seconds; `now` defaults to the clock.
    """
    if at is None:
        return NOTHING
    age_s = (time.time() if now is None else now) - at
    if age_s < _MINUTE:
        return _tr("just now")
    if age_s < _HOUR:
        return _tr("{0} min ago").format(int(age_s // _MINUTE))
    if age_s < _DAY:
        return _tr("{0} h ago").format(int(age_s // _HOUR))
    if age_s < 2 * _DAY:
        return _tr("yesterday")
    if age_s < 14 * _DAY:
        return _tr("{0} days ago").format(int(age_s // _DAY))
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(at)).date(), QLocale.FormatType.ShortFormat)


def exact_time(at: float | None) -> str:
    """Return the local date and time with seconds: ``2026-11-23 14:05:09``."""
    if at is None:
        return NOTHING
    return QDateTime.fromSecsSinceEpoch(int(at)).toString("yyyy-MM-dd HH:mm:ss")


def duration(seconds: float | None) -> str:
    """Return ``0:41``, ``12:03`` or ``1:02:07``; under ten seconds with a tenth: ``4.2 s``."""
    if seconds is None:
        return NOTHING
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{QLocale().toString(float(seconds), 'f', 1)} s"
    whole = int(seconds)
    hours, rest = divmod(whole, _HOUR)
    minutes, secs = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def size(size_bytes: int | None) -> str:
    """Return ``812 B``, ``1.2 MB``: powers of 1000, two significant digits under ten."""
    if size_bytes is None:
        return NOTHING
    if size_bytes < 1000:
        return f"{size_bytes} B"
    value, units = size_bytes / 1000, ["kB", "MB", "GB", "TB", "PB"]
    # 999.6 would be written as 1000 of its unit.
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    decimals = 1 if value < 9.95 else 0
    return f"{QLocale().toString(value, 'f', decimals)} {units[0]}"


def number4(value: object) -> str:
    """Return a number with four significant digits; whole numbers and other values as they are.

    NaN and infinities are spelled ``NaN``, ``∞`` and ``-∞``.
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return count(value) if abs(value) < 10**9 else f"{value:.3e}"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return f"{value:.3e}"


def count(value: int) -> str:
    """Return a whole number with the locale's thousands separators."""
    return QLocale().toString(value)


def files(number: int) -> str:
    """Return a number of files in words: "1 file", "2 files"."""
    return _tr("1 file") if number == 1 else _tr("{0} files").format(count(number))
