"""Times and durations as a person writes them in a search: ``2026-11-28``, ``yesterday``, ``2d ago``, ``1h30m``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from desktop_aml.domain.filters.nodes import Span

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART: Final = re.compile(r"(\d+(?:\.\d*)?)(ms|sec|s|min|m|h|d|w)", re.IGNORECASE)
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+", re.IGNORECASE)
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2})(:\d{2})?)?")
_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def seconds(text: str) -> float | None:
    """Return the seconds that ``90s``, ``1h30m`` or ``2d`` mean; None for any other text."""
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
    plain = text.strip().lower()
    today = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if plain == "today":
        return _span(today.replace(tzinfo=None), _DAY)
    if plain == "yesterday":
        return _span(today.replace(tzinfo=None) - _DAY, _DAY)
    if plain.endswith("ago") and (age := seconds(plain.removesuffix("ago").replace(" ", ""))) is not None:
        return Span(now - age, now - age)
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    day, clock, rest = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{(clock or '00:00').zfill(5)}{rest or ''}")
    except ValueError:
        return None
    return _span(at, _SECOND if rest else _MINUTE if clock else _DAY)


def _span(begin: datetime, width: timedelta) -> Span:
    # Without a zone: Python takes this computer's, with its summer time on that very day.
    return Span(begin.timestamp(), (begin + width).timestamp())
