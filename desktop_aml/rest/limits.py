"""MLflow's limits on what is logged, and the reading of one metric, parameter and tag."""

from __future__ import annotations

import logging
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from desktop_aml.rest import schemas
from desktop_aml.rest.arguments import LATEST_MS, Arguments
from desktop_aml.rest.errors import INVALID, RestError
from desktop_aml.workspace.tracking.values import TrackedMetric

_log = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[/\w.\- :]+")
_LONGEST_KEY: Final = 250
_LONGEST_EXPERIMENT: Final = 500
_LONGEST_PARAMETER: Final = 6000
_LONGEST_TAG: Final = 8000
LONGEST_OF_REGISTRY: Final = 100_000
"""Letters in a tag of a registered model or version."""
_MOST: Final = {"metrics": 1000, "params": 100, "tags": 100}
_MOST_TOGETHER: Final = 1000


def checked_metrics(given: Sequence[Mapping[str, Any]]) -> list[TrackedMetric]:
    """Return the points that the messages of a batch hold."""
    found: list[TrackedMetric] = []
    for place, one in enumerate(given):
        get: Callable[[str], Any] = one.get
        key, value, at, step = get("key"), get("value"), get("timestamp"), get("step")
        # Nearly all are as MLflow's clients write them, and need no closer look.
        is_plain = type(value) is float and type(at) is int and type(step) is int and type(key) is str
        if is_plain and key and 0 <= at < LATEST_MS and -schemas.INT64 <= step < schemas.INT64:
            found.append(TrackedMetric(_checked_key(key, "metric"), value, at, step))
        else:
            found.append(checked_metric(Arguments(one, within=f"metrics[{place}].")))
    return found


def checked_metric(one: Arguments) -> TrackedMetric:
    """Return the point that a message holds."""
    return TrackedMetric(
        _checked_key(one.text("key"), "metric"),
        one.number("value"),
        one.needed_moment("timestamp"),
        one.whole("step", 0) or 0,
    )


def checked_parameter(one: Arguments) -> tuple[str, str]:
    """Return the name and text of a parameter."""
    return _checked_key(one.text("key"), "param"), _cut("param", one.text("value", ""), _LONGEST_PARAMETER)


def checked_tag(one: Arguments, *, longest: int = _LONGEST_TAG) -> tuple[str, str]:
    """Return the name and text of a tag, of which the text may be `longest` letters long.

    That of a run is cut there, as MLflow's own server cuts it; any other is refused.
    """
    within = _cut if longest == _LONGEST_TAG else _short
    return _checked_key(one.text("key"), "tag"), within("tag", one.text("value", ""), longest)


def checked_experiment(name: str) -> str:
    """Return the name of an experiment."""
    return _short("name", name, _LONGEST_EXPERIMENT)


def refuse_twice(parameters: Sequence[tuple[str, str]]) -> None:
    """Raise `RestError` when a batch names a parameter more than once, be it with the same value."""
    twice = [key for key, count in Counter(key for key, _ in parameters).items() if count > 1]
    if twice:
        raise RestError(
            INVALID,
            f"Duplicate parameter keys have been submitted: {twice}. Please ensure the request contains only one "
            "param value per param key.",
        )


def refuse_more(**counts: int) -> None:
    """Raise `RestError` when there is more in a batch than MLflow allows."""
    for what, count in counts.items():
        if count > _MOST[what]:
            raise RestError(INVALID, f"A batch logging request can contain at most {_MOST[what]} {what}. Got {count}.")
    if sum(counts.values()) > _MOST_TOGETHER:
        raise RestError(
            INVALID, f"A batch logging request can contain at most {_MOST_TOGETHER} metrics, params and tags."
        )


@lru_cache(maxsize=1024)
def _checked_key(key: str, what: str) -> str:
    # Remembered, as the points of a batch have few names. To MLflow a name is a path, as short as it can be written.
    is_plain = posixpath.normpath(key) == key and key != "." and not key.startswith(("..", "/"))
    if not _NAME.fullmatch(key) or not is_plain:
        raise RestError(
            INVALID,
            f"Invalid value {key[:250]!a} for parameter '{what} name' supplied: Names may only contain alphanumerics, "
            "underscores (_), dashes (-), periods (.), spaces ( ), colon (:) and slashes (/).",
        )
    return _short(f"{what} key", key, _LONGEST_KEY)


def _short(what: str, text: str, most: int) -> str:
    if len(text) > most:
        raise RestError(INVALID, f"'{what}' exceeds the maximum length of {most} characters: it has {len(text)}.")
    return text


def _cut(what: str, text: str, most: int) -> str:
    """Return a text no longer than `most`: a script that logs a long one goes on with MLflow's server, too."""
    if len(text) > most:
        _log.warning("The value of a %s has %d characters; the first %d are kept.", what, len(text), most)
    return text[:most]
