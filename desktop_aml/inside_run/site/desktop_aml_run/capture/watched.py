"""Give functions of a library a way in, without replacing them.

A function stays the object that it is, wherever it was imported to: pickles name it as before, and its signature,
defaults, documentation and source are what they were. Only its code is another one, which calls the original, shows
what came of it, and hands it on. The frame of that code is left out of tracebacks, and warnings pass it by when they
count levels, as they do with the import system's own frames.
"""

import sys
import types

from desktop_aml_run.callers import STAND_IN, WAY_IN, is_own_code, left_out, replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from desktop_aml_run.capture.noting import Notes

    See = Callable[[types.FrameType, Any, tuple[Any, ...], dict[str, Any]], None]


_HOOK = "way in of desktop_aml_run"
_VARARGS, _VARKEYWORDS, _OTHER_KINDS = 0x04, 0x08, 0x20 | 0x80 | 0x200
_LIBRARIES = frozenset(
    ("sklearn", "imblearn", "xgboost", "lightgbm", "catboost", "mlxtend", "skopt", "dask_ml", "mlflow")
)
"""Packages whose inner calls are no calls of the script, even where they pass through code of its own."""

_MOST_FRAMES = 500

_watched: "dict[tuple[Any, ...], types.CodeType]" = {}


class WayIn(object):
    """What the code of a watched function knows: the original, and who is shown what it returned."""

    __slots__ = ("notes", "original", "see")

    def __init__(self, original: "types.FunctionType", see: "See", notes: "Notes") -> None:
        self.original = original
        self.see = see
        self.notes = notes

    def failed(self, error: BaseException) -> None:
        """Take the frame of the way in out of an error's traceback."""
        left_out(error)

    def saw(self, result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any] | None" = None) -> "Any":
        """Show `result` and the arguments, where the script itself asked, and return `result`."""
        # The frame above is the way in; who called it asked.
        frame = sys._getframe(2)  # noqa: SLF001 - the documented way to see who asks
        if _kind(frame) is not _LIBRARY:
            self.notes.watch(self._show, frame, result, args, keywords)
        return result

    def _show(
        self, frame: "types.FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any] | None"
    ) -> None:
        asker = asked_by_script(frame, args[0] if args else None)
        if asker is not None:
            self.see(asker, result, args, keywords or {})


_kinds: "dict[str, str]" = {}
_SCRIPT, _LIBRARY, _BETWEEN = "script", "library", "between"
_PASSED_BY = "_set_output.py"
"""Where scikit-learn wraps the results of transformers: it stands between the script and what is watched."""

own_methods: "dict[int, types.CodeType]" = {}
"""Code of the methods of the script's own estimators, by its number: what they call is an inner call."""


def _kind(frame: "types.FrameType") -> str:
    """Say whose frame this is: the script's, a library's, or one that only stands between them."""
    path = frame.f_code.co_filename
    found = _kinds.get(path)
    if found is None:
        if "desktop_aml_run" in path or path.endswith(_PASSED_BY):
            found = _BETWEEN
        else:
            found = _SCRIPT if is_own_code(frame) else _LIBRARY
        _kinds[path] = found
    return found


def asked_by_script(frame: "types.FrameType | None", subject: object) -> "types.FrameType | None":
    """Return the script's frame that asked, or None when the call is an inner one of a library or of an estimator.

    Parameters
    ----------
    subject : object
        What is asked: an estimator of the script's own that has its base class do the work asks for itself.
    """
    while frame is not None and _kind(frame) is _BETWEEN:
        frame = frame.f_back
    if frame is None or _kind(frame) is not _SCRIPT:
        return None
    asker: "types.FrameType | None" = frame
    outer: "types.FrameType | None" = frame
    for _ in range(_MOST_FRAMES):
        if outer is None:
            return asker
        name = outer.f_globals.get("__name__")
        if isinstance(name, str) and name.partition(".")[0] in _LIBRARIES:
            return None
        if id(outer.f_code) in own_methods:
            if not _is_method_of(outer.f_code, type(subject)):
                return None
            asker = outer.f_back
            if asker is None or _kind(asker) is not _SCRIPT:
                return None
        outer = outer.f_back
    return None


def _is_method_of(code: "types.CodeType", kind: type) -> bool:
    return any(getattr(vars(one).get(code.co_name), "__code__", None) is code for one in kind.__mro__)


def watch(function: "Any", see: "See", notes: "Notes") -> bool:
    """Have `see` be shown the calls that the script makes of a function.

    Parameters
    ----------
    function : function
        A function of a library, written in Python; anything else is left as it is.
    see : callable
        Of the asking frame, the result, the positional arguments and the keyword arguments.

    Returns
    -------
    bool
        Whether it is watched.
    """
    while _stands_before(function):
        function = function.__wrapped__
    if type(function) is not types.FunctionType:
        return False
    code = function.__code__
    if any(type(one) is WayIn for one in code.co_consts):
        return True
    if code.co_flags & _OTHER_KINDS:
        return False
    original = _copy(function)
    # One that warns may count levels, and older Pythons find our frames in a traceback by the file: else it is its own.
    place = WAY_IN if sys.version_info < (3, 11) or "warn" in code.co_names else code.co_filename
    function.__code__ = _way_in_code(code, WayIn(original, see, notes), place)
    if not hasattr(function, "__wrapped__"):
        # What asks for source or signature follows this.
        function.__wrapped__ = original  # type: ignore[attr-defined]  # as `functools.wraps` does
    return True


def _stands_before(function: object) -> bool:
    """Whether a function is ours, which restores old arguments of the one that it wraps."""
    path = getattr(getattr(function, "__code__", None), "co_filename", "")
    return path == STAND_IN and hasattr(function, "__wrapped__")


def _copy(function: "types.FunctionType") -> "types.FunctionType":
    copy = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = function.__qualname__
    copy.__module__ = function.__module__
    copy.__doc__ = function.__doc__
    copy.__dict__.update(function.__dict__)
    if sys.version_info >= (3, 14):
        copy.__annotate__ = function.__annotate__
    else:
        copy.__annotations__ = function.__annotations__
    return copy


def _way_in_code(code: "types.CodeType", hook: "WayIn", place: str) -> "types.CodeType":
    template = _template(code)
    constants = tuple(hook if type(one) is str and one == _HOOK else one for one in template.co_consts)
    changes = {
        "co_consts": constants, "co_filename": place, "co_name": code.co_name, "co_firstlineno": code.co_firstlineno,
    }  # fmt: skip
    if hasattr(code, "co_qualname"):
        changes["co_qualname"] = code.co_qualname
    return replaced(template, changes)


def _template(code: "types.CodeType") -> "types.CodeType":
    """Return code that takes what `code` takes, has as many free variables, and calls the hook."""
    count, only = code.co_argcount, code.co_kwonlyargcount
    names = list(code.co_varnames)
    positional, keywords, rest = names[:count], names[count : count + only], names[count + only :]
    star = rest.pop(0) if code.co_flags & _VARARGS else ""
    stars = rest.pop(0) if code.co_flags & _VARKEYWORDS else ""
    key = (tuple(positional), getattr(code, "co_posonlyargcount", 0), tuple(keywords), star, stars, code.co_freevars)
    found = _watched.get(key)
    if found is None:
        found = _watched[key] = _compiled(*key)
    return found


def _compiled(
    positional: "tuple[str, ...]",
    only_by_position: int,
    keywords: "tuple[str, ...]",
    star: str,
    stars: str,
    free: "tuple[str, ...]",
) -> "types.CodeType":
    taken = list(positional)
    if only_by_position:
        taken.insert(only_by_position, "/")
    if star or keywords:
        taken.append("*" + star)
    taken += list(keywords) + (["**" + stars] if stars else [])
    passed = list(positional) + (["*" + star] if star else [])
    passed += ["{0}={0}".format(name) for name in keywords] + (["**" + stars] if stars else [])
    shown = "({})".format("".join(name + ", " for name in list(positional)))
    if star:
        shown += " + " + star
    source = (
        "def outer({free}):\n"
        "    def way_in({taken}):\n"
        "        try:\n"
        "            desktop_aml_result = {hook!r}.original({passed})\n"
        "        except BaseException as desktop_aml_error:\n"
        "            {hook!r}.failed(desktop_aml_error)\n"
        "            raise\n"
        "        return {hook!r}.saw(desktop_aml_result, {shown}{stars})\n"
        "{closed}"
        "    return way_in\n"
    ).format(
        free=", ".join(free), taken=", ".join(taken), passed=", ".join(passed), shown=shown, hook=_HOOK,
        stars=", " + stars if stars else "",
        # Never reached: it only makes the same names free, and the function's closure fits.
        closed="".join("        {}\n".format(name) for name in free),
    )  # fmt: skip
    outer = _code_in(compile(source, WAY_IN, "exec", dont_inherit=True))
    return _code_in(outer)


def _code_in(code: "types.CodeType") -> "types.CodeType":
    return next(one for one in code.co_consts if isinstance(one, types.CodeType))
