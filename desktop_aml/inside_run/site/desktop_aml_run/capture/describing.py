"""Say what an estimator is and how it was set, by looking only: no code of the script or of an estimator is called."""

import inspect
import operator
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_TEXT = 200
_MOST_PARAMETERS = 100
_DEEPEST = 3
_PLAIN = frozenset((bool, int, float, complex, str, bytes))
_signatures: "dict[type, dict[str, Any]]" = {}


def class_of(estimator: object) -> str:
    """Return the name of the class of an estimator."""
    return type(estimator).__name__


def parameters(estimator: "Any") -> "tuple[dict[str, str], list[str]]":
    """Return the parameters of an estimator and of those in it, as texts by name, and which are no defaults.

    Names are those of scikit-learn's ``get_params``: ``svc__C`` is the parameter ``C`` of the step ``svc``.
    """
    found: "dict[str, str]" = {}
    differing: "list[str]" = []
    _gather(estimator, "", found, differing, 0)
    return found, differing


def plain_parameters(estimator: "Any") -> "list[Any] | None":
    """Return the values of an estimator's own parameters where all of them are numbers, texts and the like."""
    values = estimator.__dict__
    found = [values.get(name) for name in _taken_by(type(estimator))]
    return found if all(one is None or type(one) in _PLAIN for one in found) else None


def are_same(before: "list[Any] | None", now: "list[Any]") -> bool:
    """Whether the values are the very same objects as before."""
    return before is not None and len(before) == len(now) and all(map(operator.is_, before, now))


def text(value: "Any") -> str:
    """Return a value as text, without calling code that is not Python's, NumPy's or scikit-learn's; None if unknown."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return _short(value if kind is str else repr(value))
    if kind in (list, tuple, set, frozenset, dict):
        return _short(_of_container(value, 0))
    if isinstance(value, type):
        return value.__name__
    if hasattr(kind, "__code__") or kind.__name__ in ("function", "builtin_function_or_method", "method", "ufunc"):
        return getattr(value, "__name__", kind.__name__)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.generic):
            return _short(str(value.item()))
        if kind is numpy.ndarray:
            return "array of shape {}".format(value.shape)
    return "{}()".format(kind.__name__)


def _of_container(value: "Any", depth: int) -> str:
    if depth > _DEEPEST or len(value) > 50:
        return "{} of {}".format(type(value).__name__, len(value))
    if type(value) is dict:
        pairs = ["{}: {}".format(_quoted(key, depth), _quoted(one, depth)) for key, one in value.items()]
        return "{" + ", ".join(pairs) + "}"
    parts = [_quoted(one, depth) for one in value]
    if type(value) is list:
        return "[" + ", ".join(parts) + "]"
    if type(value) is tuple:
        return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
    return "{" + ", ".join(sorted(parts)) + "}"


def _quoted(value: "Any", depth: int) -> str:
    if type(value) is str:
        return repr(value)
    if type(value) in (list, tuple, set, frozenset, dict):
        return _of_container(value, depth + 1)
    return text(value)


def _short(words: str) -> str:
    return words if len(words) <= _TEXT else words[: _TEXT - 1] + "\u2026"


def _gather(estimator: "Any", prefix: str, found: "dict[str, str]", differing: "list[str]", depth: int) -> None:
    if depth > _DEEPEST:
        return
    for name, default in _taken_by(type(estimator)).items():
        if name not in estimator.__dict__ or len(found) >= _MOST_PARAMETERS:
            continue
        value = estimator.__dict__[name]
        found[prefix + name] = text(value)
        if not _is_same(value, default):
            differing.append(prefix + name)
        for step, one in inner(value):
            _gather(one, prefix + (name if step is None else step) + "__", found, differing, depth + 1)


def _taken_by(kind: "Any") -> "dict[str, Any]":
    """Return the arguments of a class by name, with their defaults."""
    known = _signatures.get(kind)
    if known is None:
        taken = inspect.signature(kind.__init__).parameters.values()
        _signatures[kind] = known = {
            one.name: one.default
            for one in taken
            if one.name != "self" and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        }
    return known


def _is_same(value: object, default: object) -> bool:
    if value is default:
        return True
    kind = type(value)
    return kind in (bool, int, float, str, bytes, tuple) and kind is type(default) and value == default


def inner(value: "Any") -> "list[tuple[str | None, Any]]":
    """Return the estimators in the value of a parameter, with the names of their steps."""
    if is_estimator(value):
        return [(None, value)]
    if type(value) not in (list, tuple):
        return []
    steps = [step for step in value if type(step) is tuple and len(step) >= 2]
    return [(step[0], step[1]) for step in steps if type(step[0]) is str and is_estimator(step[1])]


def is_estimator(value: object) -> bool:
    """Whether a value is an estimator of scikit-learn's kind, and no class."""
    base = sys.modules.get("sklearn.base")
    kind = getattr(base, "BaseEstimator", None)
    return kind is not None and issubclass(type(value), kind)
