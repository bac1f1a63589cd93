"""See which estimators a script fits, scores and asks, and what its searches found."""

import atexit
import sys

from desktop_aml_run.callers import hide_when_walked, is_own_path, passing_on
from desktop_aml_run.capture import describing, model_offer, naming, searches, warned
from desktop_aml_run.capture.call_sites import first_argument
from desktop_aml_run.capture.noting import is_number, notes, plain
from desktop_aml_run.capture.watched import own_methods, watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any


FITTING = ("fit", "fit_transform", "fit_predict", "partial_fit", "fit_resample")
PREDICTING = ("predict", "predict_proba", "decision_function", "predict_log_proba", "fit_predict")
_METHODS = tuple(dict.fromkeys((*FITTING, *PREDICTING, "score")))
_MOST_FITS = 200
"""Estimators of one script that are listed; what is fitted after them is counted."""


class _Seen(object):
    """What was seen so far."""

    def __init__(self) -> None:
        self.numbers: "dict[int, int]" = {}
        self.values: "dict[int, Callable[[], Any]]" = {}
        self.plain: "dict[int, tuple[int, list[Any] | None]]" = {}
        """Where each estimator was fitted last, and how it was set then, see `describing.plain_parameters`."""
        self.count = 0


_seen = _Seen()
_looked_at: "set[type]" = set()


def patch(module: "ModuleType") -> None:
    """Begin to watch, right after ``sklearn.base`` was imported."""
    hide_when_walked()
    base = module.BaseEstimator
    for owner in list(vars(module).values()):
        if isinstance(owner, type) and owner.__module__ == module.__name__:
            look_at_class(owner)
    _look_at_those_to_come(base)
    # In an interpreter that was warm before the run, all of them are there.
    waiting = base.__subclasses__()
    while waiting:
        one = waiting.pop()
        look_at_class(one)
        waiting += one.__subclasses__()
    warned.install(notes())
    if notes().is_open():
        finish_at_exit()


def finish_at_exit() -> None:
    """Note at the end of this process what is known only then."""
    # Before what is registered already: the interpreter calls the last one first, and logging ends late.
    atexit.register(notes().watch, _finish)


def _look_at_those_to_come(base: "Any") -> None:
    """Look at each class of estimators when it is made, whoever makes it."""

    def __init_subclass__(cls: "Any", **kwargs: "Any") -> None:  # noqa: N807 - it becomes the method of this name
        with passing_on:
            super(base, cls).__init_subclass__(**kwargs)
        notes().watch(look_at_class, cls)

    inherited = base.__init_subclass__
    __init_subclass__.__doc__ = inherited.__doc__
    hook: "Any" = __init_subclass__
    base.__init_subclass__ = classmethod(hook)


def look_at_class(owner: type) -> None:
    """Watch what a class of a library and its bases do; a class of the script's own is not touched.

    Workers of joblib get such a class by value, its functions included, and so would a file that the script writes.
    """
    for one in owner.__mro__[:-1]:
        if one in _looked_at:
            continue
        _looked_at.add(one)
        own = vars(one)
        methods = {name: own[name] for name in _METHODS if own.get(name) is not None}
        if _is_of_script(one):
            codes = [found.__code__ for found in methods.values() if hasattr(found, "__code__")]
            own_methods.update({id(code): code for code in codes})
            continue
        for name, found in methods.items():
            # What is there only for some estimators is a function in a wrapping.
            see = _on_score if name == "score" else _on_fit if name in FITTING else _on_prediction
            watch(getattr(found, "fn", found), see, notes())


def _is_of_script(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    path = getattr(module, "__file__", None)
    return kind.__module__ == "__main__" or path is None or is_own_path(path)


def _on_fit(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:  # noqa: ARG001 - what every one who looks is shown
    estimator = args[0]
    if not describing.is_estimator(estimator):
        return
    number = _number_of(estimator)
    if number is None:
        _seen.count += 1
        number = _seen.count
        if number <= _MOST_FITS:
            _seen.numbers[id(estimator)] = number
            _seen.values[number] = _weak(estimator)
    if result is not None and result is not estimator:
        naming.remember_prediction(result, estimator)
    model_offer.fitted(estimator)
    if number > _MOST_FITS:
        return
    _note_estimator(frame, estimator, number)
    searches.note(estimator)


def _note_estimator(frame: "FrameType", estimator: "Any", number: int) -> None:
    name = describing.class_of(estimator)
    seen = describing.plain_parameters(estimator)
    before, _seen.plain[number] = _seen.plain.get(number), (frame.f_lineno, seen)
    if seen is not None and before is not None and before[0] == frame.f_lineno and describing.are_same(before[1], seen):
        # A loop that fits it a part at a time does so thousands of times, and would note the same each time.
        return
    values, differing = describing.parameters(estimator)
    notes().document(
        "estimator {}".format(number),
        {
            "class": name,
            "module": type(estimator).__module__,
            "line": frame.f_lineno,
            "parameters": values,
            "set": differing,
        },
    )
    for key in differing:
        _note_parameter(name + "." + key, values[key])


_parameters: "dict[str, list[str]]" = {}


def _note_parameter(name: str, words: str) -> None:
    """Note a parameter that was set; several values of one name are told as a list of those values."""
    known = _parameters.setdefault(name, [])
    if words in known or words is None:
        return
    known.append(words)
    shown = ", ".join(known[:10]) + (", \u2026" if len(known) > 10 else "")
    notes().parameter(name, shown)


def _on_score(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:
    estimator = args[0]
    if not describing.is_estimator(estimator) or not is_number(result):
        return
    if _number_of(estimator) is None and _is_of_script(type(estimator)):
        # Its own way to be fitted is not watched; that the script asks for its score tells that it was.
        _on_fit(frame, None, args, keywords)
    name = describing.class_of(estimator)
    naming.note_value(frame, name + ".score", plain(result), first_argument(frame), name)


def _on_prediction(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:  # noqa: ARG001 - as above
    naming.remember_prediction(result, args[0])


def _number_of(estimator: object) -> "int | None":
    number = _seen.numbers.get(id(estimator))
    if number is None:
        return None
    # The number of an object that is gone may be given again.
    return number if _seen.values[number]() is estimator else None


def _weak(estimator: "Any") -> "Callable[[], Any]":
    import weakref

    try:
        return weakref.ref(estimator)
    except TypeError:
        return lambda: estimator


def _finish() -> None:
    """Note what is known only when the script is over."""
    warned.finish(notes())
    naming.finish()
    if _seen.count > _MOST_FITS:
        notes().document("more estimators", _seen.count - _MOST_FITS)
    model_offer.finish(notes())
