"""Who calls: the user's own code or a library's, by which words; and how our frames stay out of what it sees.

Python 3.6 to 3.14. Loaded before every script: it imports nothing heavy.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType, TracebackType
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


WAY_IN = "<frozen importlib._bootstrap of desktop_aml_run>"
"""Where the code of watched functions says it stands: Python passes such frames by when a warning counts levels."""
STAND_IN = "<frozen importlib._bootstrap of desktop_aml_run.compatibility>"
"""The same for functions that stand for one of a library's."""

_SITE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = (
    os.path.join(_SITE, "desktop_aml_run", "compatibility") + os.sep,
    os.path.join(_SITE, "sitecustomize"),
    WAY_IN,
    STAND_IN,
)
_LIBRARIES = (os.path.dirname(os.__file__) + os.sep, _SITE + os.sep)
_HIDES = sys.version_info >= (3, 11)


def is_own_code(frame: "FrameType") -> bool:
    """Whether a frame runs the user's code, not a library's or Python's."""
    return is_own_path(frame.f_code.co_filename)


def is_own_path(path: str) -> bool:
    """Whether a file holds the user's code, not a library's or Python's."""
    if path.startswith("<frozen") or "site-packages" in path or "dist-packages" in path:
        return False
    return not path.startswith(_LIBRARIES)


def is_asked_by_user() -> bool:
    """Whether what called the caller of this function is the user's own code."""
    return is_own_code(sys._getframe(2))  # noqa: SLF001 - the documented way to see who asks


def is_named_by_user() -> bool:
    """Whether the user's own code asked the caller of this function for an attribute, by its name.

    Who only looks whether it is there, with ``hasattr`` or with a default at hand, can do without. An object of the
    user's own that passes on what it is asked may have an answer of its own, or may only be looked at.
    """
    frame = sys._getframe(2)  # noqa: SLF001 - the documented way to see who asks
    if not is_own_code(frame) or frame.f_code.co_name in ("__getattr__", "__getattribute__"):
        return False
    from opcode import opname

    code, at = frame.f_code.co_code, frame.f_lasti
    if at < 0:
        return False
    operation, argument = opname[code[at]], code[at + 1]
    if operation.startswith("CALL"):
        # getattr(numpy, name), where hasattr is not what may have been called instead.
        return argument == 2 and "hasattr" not in frame.f_code.co_names
    return operation in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM")


def out_of_sight(function: "Function") -> "Function":
    """Have warnings pass a function of ours by when they count levels, and return the function."""
    function.__code__ = replaced(function.__code__, {"co_filename": STAND_IN})
    return function


def stands_for(original: "Callable[..., Any]") -> "Callable[[Function], Function]":
    """Return what makes a function stand for one of a library's: by name, signature and documentation, and unseen."""
    from functools import wraps

    put_on: "Callable[[Any], Any]" = wraps(original)
    return lambda function: out_of_sight(put_on(function))


def replaced(code: "CodeType", changes: "dict[str, Any]") -> "CodeType":
    """Return code with some of its attributes changed, on Pythons before 3.8 too."""
    if hasattr(code, "replace"):
        return code.replace(**changes)
    order = (
        "co_argcount co_kwonlyargcount co_nlocals co_stacksize co_flags co_code co_consts co_names co_varnames"
        " co_filename co_name co_firstlineno co_lnotab co_freevars co_cellvars"
    ).split()
    return type(code)(*[changes.get(name, getattr(code, name)) for name in order])


class _PassingOn(object):
    """Takes the frame of the function that uses it out of the traceback of an error on its way to the user.

    That is for good on Python 3.11 and newer; on older ones `hide_when_printed` does what can be done.
    """

    def __enter__(self) -> "_PassingOn":
        return self

    def __exit__(self, kind: object, error: "BaseException | None", traceback: object) -> None:
        left_out(error)


def left_out(error: "BaseException | None") -> None:
    """Take the outermost frame, which is ours, out of the traceback of an error on its way to the user."""
    if _HIDES and error is not None and error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next


passing_on = _PassingOn()


def formatted(error: BaseException) -> str:
    """Return the traceback of an error as Python prints it, without frames of ours."""
    from traceback import TracebackException

    whole = TracebackException(type(error), error, error.__traceback__)
    waiting: "list[TracebackException | None]" = [whole]
    seen: "set[int]" = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if one.stack:
            one.stack[:] = [frame for frame in one.stack if not frame.filename.startswith(_OURS)]
        waiting.extend([one.__cause__, one.__context__])
        waiting.extend(getattr(one, "exceptions", None) or ())
    return "".join(whole.format())


def hide_when_printed() -> None:
    """Have Pythons before 3.11 leave our frames out of the traceback of an error that nobody caught."""
    if _HIDES:
        return
    original = sys.excepthook

    def excepthook(kind: "type[BaseException]", error: BaseException, traceback: "TracebackType | None") -> None:
        if error is None or error.__traceback__ is None or not _passed_us(error):
            original(kind, error, traceback)
        else:
            sys.stderr.write(formatted(error))
            sys.stderr.flush()

    sys.excepthook = excepthook


def hide_when_walked() -> None:
    """Have Pythons before 3.11 leave our frames out of what the script itself prints of an error that it caught."""
    if _HIDES:
        return
    import traceback

    original = traceback.walk_tb
    if original.__module__ != "traceback":
        return

    def walk_tb(tb: "TracebackType | None") -> "Iterator[tuple[FrameType, int]]":
        """Walk a traceback yielding the frame and line number for each frame."""
        return (found for found in original(tb) if not found[0].f_code.co_filename.startswith(_OURS))

    traceback.walk_tb = walk_tb


def _passed_us(error: "BaseException | None") -> bool:
    seen: "set[int]" = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        entry = error.__traceback__
        while entry is not None:
            if entry.tb_frame.f_code.co_filename.startswith(_OURS):
                return True
            entry = entry.tb_next
        error = error.__cause__ or error.__context__
    return False
