"""Rules before a version of a model gets an alias or a stage: read from their text, and checked against what is known.

A rule is conditions with commas or *and* between them, such as ``accuracy not worse than champion, signature
unchanged``. It imports nothing that reads or writes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.summaries.model_signatures import ModelSignature

CURRENT: Final = "current"
"""The version that has the alias or the stage now."""

STAGE: Final = "stage:"
"""What the key of a rule for a stage begins with; that of an alias is the alias."""

_LONGEST: Final = 2000
_PIECE: Final = re.compile(r'"[^"]*"|[,;]|\s+and\s+|.', re.IGNORECASE | re.DOTALL)
_METRIC: Final = r'(?P<metric>"[^"]+"|[^\s"<>=!]+)'
_OTHER: Final = r"(?:the\s+)?(?P<other>[A-Za-z_][\w-]*)(?:['’]s)?"
_NUMBER: Final = r"(?P<{}>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_THAN: Final = re.compile(
    rf"{_METRIC}\s+(?:is\s+)?(?P<how>not\s+worse|better)\s+than\s+{_OTHER}(?:\s+by\s+{_NUMBER.format('by')})?",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(
    rf"{_METRIC}\s*(?P<op><=|>=|<|>|=)\s*(?:{_NUMBER.format('number')}|{_OTHER})", re.IGNORECASE
)
_SAME: Final = re.compile(
    rf"(?:the\s+)?(?P<what>signature|schema|framework|environment)\s+(?:is\s+)?unchanged(?:\s+(?:from|since)\s+{_OTHER})?",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"tag\s+(?P<key>[^\s=]+)\s*=\s*(?P<value>\S.*)", re.IGNORECASE | re.DOTALL)
_EXAMPLES: Final = (
    "Write for example: accuracy not worse than champion, loss < 0.3, signature unchanged, tag reviewed = yes."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule.

    Parameters
    ----------
    what : str
        ``metric``, ``tag``, ``signature``, ``framework`` or ``environment``.
    name : str
        Of the metric or tag.
    how : str
        ``not worse``, ``better`` or an operator.
    than : float, str
        A number, or who else is meant: an alias, or `CURRENT`. Of a tag its value.
    by : float
        By how much it may be worse, or must be better.
    """

    text: str
    what: str
    name: str = ""
    how: str = "="
    than: float | str = CURRENT
    by: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a version, for rules; `metrics` are the last values of its run, None without a run."""

    version: int
    metrics: Mapping[str, Scalar] | None = None
    signature: ModelSignature = field(default_factory=ModelSignature)
    framework: str = ""
    environment: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a condition holds, and why or why not in words."""

    condition: str
    holds: bool
    words: str


def read_rule(text: str) -> tuple[Condition, ...]:
    """Return the conditions of a rule.

    Raises
    ------
    InvalidInput
        When it is empty, or a part of it is no condition.
    """
    if len(text) > _LONGEST:
        raise InvalidInput(f"The rule is too long: it may have {_LONGEST:,} letters.")
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece in {",", ";"} or piece.strip().lower() == "and":
            parts.append("")
        else:
            parts[-1] += piece
    conditions = tuple(_condition(part.strip()) for part in parts if part.strip())
    if not conditions:
        raise InvalidInput("The rule says nothing.", _EXAMPLES)
    return conditions


def _condition(text: str) -> Condition:
    if found := _SAME.fullmatch(text):
        what = found["what"].lower().replace("schema", "signature")
        return Condition(text, what, than=found["other"] or CURRENT)
    if found := _THAN.fullmatch(text):
        how = " ".join(found["how"].lower().split())
        return Condition(text, "metric", found["metric"].strip('"'), how, found["other"], float(found["by"] or 0))
    if found := _TAG.fullmatch(text):
        return Condition(text, "tag", found["key"], than=found["value"].strip().strip('"'))
    if found := _COMPARED.fullmatch(text):
        than: float | str = float(found["number"]) if found["number"] else found["other"]
        return Condition(text, "metric", found["metric"].strip('"'), found["op"], than)
    raise InvalidInput(f"“{text[:100]}” is no condition of a rule.", _EXAMPLES)


def unclear(conditions: tuple[Condition, ...], goal: Callable[[str], Goal | None]) -> str:
    """Return the first metric of which a rule wants the better value, and nothing tells which that is; else nothing."""
    names = (one.name for one in conditions if one.how in {"not worse", "better"})
    return next((name for name in names if goal(name) is None), "")


def check(
    condition: Condition,
    candidate: Known,
    other: Callable[[str], Known | None],
    goal: Callable[[str], Goal | None],
    target: str,
) -> Finding:
    """Say whether a condition holds for a version.

    Parameters
    ----------
    other : callable
        Gives what is known of the version that an alias means, or that has what is to be given now (`CURRENT`).
    target : str
        The alias or stage that it is to get. The first version that gets it has nobody to be compared with.
    """
    if condition.what == "tag":
        has = candidate.tags.get(condition.name)
        words = f"tag {condition.name} is {has}" if has is not None else f"it has no tag {condition.name}"
        return Finding(condition.text, has == condition.than, words)
    if isinstance(condition.than, float):
        return _with_number(condition, candidate, condition.than)
    found = other(condition.than)
    if found is None:
        is_first = condition.than in {CURRENT, target}
        words = "no version had it before" if is_first else f"no version is {condition.than}"
        # The first one must have what is asked for, all the same.
        missing = _missing(condition.name, candidate) if condition.what == "metric" else ""
        return Finding(condition.text, is_first and not missing, missing or words)
    if condition.what != "metric":
        return _same(condition, candidate, found)
    for one in (candidate, found):
        if missing := _missing(condition.name, one):
            return Finding(condition.text, False, missing)
    return _against(condition, candidate, found, goal(condition.name))


def _number(name: str, known: Known) -> float:
    value = (known.metrics or {}).get(name)
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.nan


def _missing(name: str, known: Known) -> str:
    if known.metrics is None:
        return f"version {known.version} came from no run, so its {name} is not known"
    if name not in known.metrics:
        return f"the run of version {known.version} logged no {name}"
    if math.isnan(_number(name, known)):
        return f"the last {name} of version {known.version} is {known.metrics[name]}"
    return ""


def _with_number(condition: Condition, candidate: Known, number: float) -> Finding:
    if missing := _missing(condition.name, candidate):
        return Finding(condition.text, False, missing)
    value = _number(condition.name, candidate)
    return Finding(condition.text, _compare(condition.how, value, number), f"{condition.name} is {value:g}")


def _against(condition: Condition, candidate: Known, found: Known, goal: Goal | None) -> Finding:
    ours, theirs = _number(condition.name, candidate), _number(condition.name, found)
    words = f"{condition.name} is {ours:.6g}, that of version {found.version} is {theirs:.6g}"
    if condition.how not in {"not worse", "better"}:
        return Finding(condition.text, _compare(condition.how, ours, theirs), words)
    if goal is None:
        return Finding(condition.text, False, f"nothing tells whether less or more of {condition.name} is better")
    gain = ours - theirs if goal is Goal.MAXIMIZE else theirs - ours
    # Of two that are equally infinite neither is better.
    gain = 0.0 if ours == theirs else gain
    holds = gain >= -condition.by if condition.how == "not worse" else gain > 0 and gain >= condition.by
    return Finding(condition.text, holds, words)


def _compare(op: str, ours: float, theirs: float) -> bool:
    return {"<": ours < theirs, ">": ours > theirs, "<=": ours <= theirs, ">=": ours >= theirs, "=": ours == theirs}[op]


def _same(condition: Condition, candidate: Known, found: Known) -> Finding:
    ours, theirs = getattr(candidate, condition.what), getattr(found, condition.what)
    if condition.what == "signature" and ours == ModelSignature() != theirs:
        return Finding(condition.text, False, f"version {candidate.version} says of no signature")
    if condition.what == "signature" and ours == theirs == ModelSignature():
        # Nothing is known to have changed.
        return Finding(condition.text, True, f"neither it nor version {found.version} says of a signature")
    holds = ours == theirs
    words = f"it is that of version {found.version}" if holds else f"it is not that of version {found.version}"
    return Finding(condition.text, holds, words)
