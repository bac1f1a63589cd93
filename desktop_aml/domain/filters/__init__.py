"""MLflow's filter language: read into clauses, each with the column it stands at, and held against values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from desktop_aml.domain.filters.clauses import Clause

Value = str | float | None


def matches(clauses: Sequence[Clause], value_of: Callable[[tuple[str, str]], Value]) -> bool:
    """Whether what has these values meets every clause.

    Parameters
    ----------
    value_of : callable
        Returns the value of an entity and key; None when there is none.
    """
    return all(_meets(clause, value_of((clause.entity, clause.key))) for clause in clauses)


def _meets(clause: Clause, value: Value) -> bool:
    wanted = clause.value
    if clause.op in {"IS NULL", "IS NOT NULL"}:
        return (value is None) == (clause.op == "IS NULL")
    if value is None:
        return False
    if clause.op in {"IN", "NOT IN"}:
        return (value in (wanted if isinstance(wanted, tuple) else ())) == (clause.op == "IN")
    if clause.op in {"LIKE", "ILIKE"}:
        return like(str(wanted), str(value), ignore_case=clause.op == "ILIKE")
    if clause.op in {"=", "!="}:
        return (value == wanted) == (clause.op == "=")
    return _is_ordered(clause.op, float(value), float(str(wanted)))


def _is_ordered(op: str, left: float, right: float) -> bool:
    if op == ">":
        return left > right
    if op == ">=":
        return left >= right
    return left < right if op == "<" else left <= right


def like(pattern: str, text: str, *, ignore_case: bool) -> bool:
    """Whether a text is like a pattern of SQL, in which ``%`` is anything and ``_`` one letter."""
    return _expression(pattern, ignore_case).fullmatch(text) is not None


@lru_cache(maxsize=64)
def _expression(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    words = re.sub(r"(?:\\%)|%", ".*", re.escape(pattern)).replace("_", ".")
    return re.compile(words, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
