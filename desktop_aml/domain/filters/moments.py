"""Times and durations as a person writes them in a search: ``2026-11-28``, ``yesterday``, ``2d ago``, ``1h30m``."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from desktop_aml.domain.filters.nodes import Span

_SECONDS: Final = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
_UNITS: Final = "|".join(sorted(_SECONDS, key=len, reverse=True))
_PART: Final = re.compile(rf"(\d+(?:\.\d*)?) ?({_UNITS})(?![a-z])", re.IGNORECASE)
_DURATION: Final = re.compile(rf"{_PART.pattern}(?: ?{_PART.pattern})*", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})", re.ASCII)
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2})(:\d{2})?)?")
_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def seconds(text: str) -> float | None:
    """Return the seconds that ``90s``, ``1h30m``, ``2 days`` or ``1:02:07`` mean; None for any other text."""
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        return float(hours * 3600 + minutes * 60 + rest)
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(amount) * _SECONDS[unit.lower()] for amount, unit in _PART.findall(text))


def span(text: str, now: float) -> Span | None:
    """Return the time that a text means, in this computer's time zone; None for any other text.

    Parameters
    ----------
    now : float
        Unix time in seconds, for ``today``, ``yesterday`` and ``2d ago``.
    """
    with suppress(ValueError, OverflowError):
        return _meant(text.strip(), now)
    return None


def _meant(text: str, now: float) -> Span | None:
    plain = text.lower()
    today = datetime.fromtimestamp(now).astimezone().replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if plain in {"today", "yesterday"}:
        return _span(today if plain == "today" else today - _DAY, _DAY)
    if plain == "now":
        return Span(now, now)
    if plain.endswith(" ago") and (age := seconds(_one(plain.removesuffix(" ago")))) is not None:
        return Span(now - age, now - age)
    which, _, unit = plain.partition(" ")
    if which in {"this", "last"} and unit in {"week", "month", "year"}:
        return _calendar(today, unit, is_last=which == "last")
    if _MONTH.fullmatch(plain):
        return _calendar(datetime.fromisoformat(f"{plain}-01"), "month")
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    day, clock, rest = found.groups()
    at = datetime.fromisoformat(f"{day}T{(clock or '00:00').zfill(5)}{rest or ''}")
    return _span(at, _SECOND if rest else _MINUTE if clock else _DAY)


def _span(begin: datetime, width: timedelta) -> Span:
    # Without a zone: Python takes this computer's, with its summer time on that very day.
    return Span(begin.timestamp(), (begin + width).timestamp())


def _one(text: str) -> str:
    """Return an age with its article as a number: an hour is 1 hour."""
    article, _, rest = text.partition(" ")
    return f"1 {rest}" if article in {"a", "an"} else text


def _calendar(day: datetime, unit: str, *, is_last: bool = False) -> Span:
    """Return the week, month or year that a day is in, or the one before; weeks begin on Monday."""
    if unit == "week":
        monday = day - day.weekday() * _DAY
        return _span(monday - 7 * _DAY if is_last else monday, 7 * _DAY)
    first = day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)
    longest = timedelta(days=31 if unit == "month" else 366)
    begin = first if not is_last else _first_of((first - _DAY), unit)
    return Span(begin.timestamp(), _first_of(begin + longest, unit).timestamp())


def _first_of(day: datetime, unit: str) -> datetime:
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)
