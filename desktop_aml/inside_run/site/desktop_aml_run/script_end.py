"""Write down how an interpreter of a run ends by itself: the error that nobody caught, or what `sys.exit` was given.

The log alone cannot tell: text may follow a traceback, and an error in it may have been caught. Each interpreter
appends at most one line of JSON to ``logs/ends.jsonl`` in the run's folder, before its other farewells; the engine
reads it. What goes wrong here must never disturb the script. Python 3.6 to 3.14; loaded before every script, so nothing
heavy is imported until there is something to write.
"""

import os
import sys

from . import CAREFUL  # this package has another name where the engine imports it

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

    from desktop_aml_run.callers import _PassingOn


NAME = "ends.jsonl"
MAIN_VARIABLE = "DESKTOP_AML_SCRIPT_PID"
"""Set by the launcher: the process id of the script itself, as it sees it."""

_WORDS = 4000
_TRACE = 24000
_MOST_BYTES = 1 << 20
_listening: "list[_End]" = []
"""A script that starts thousands of others that fail must not fill the disk."""


class _End(object):
    """What is known of the end of this process so far."""

    def __init__(self, run_directory: str) -> None:
        self.begin(run_directory)

    def begin(self, run_directory: str) -> None:
        """Know nothing but which run this process belongs to."""
        self.path = os.path.join(run_directory, "logs", NAME)
        self.thread = _thread_number()
        self.said: "dict[str, Any] | None" = None
        self.said_after: "int | None" = None
        self.printed = ""
        self.written_by: "int | None" = None

    def heard(self, code: "Any", frame: "FrameType") -> None:
        """Remember what `sys.exit` was called with; a later call or an error after it wins."""
        if _thread_number() != self.thread:
            return
        caught = sys.exc_info()[1]
        words = "" if code is None or isinstance(code, int) else _text(code)
        own = _own(frame)
        self.said = {
            "code": 0 if code is None else int(code) & 0xFF if isinstance(code, int) else 1,
            "words": (words or _of_argparse(frame))[:_WORDS],
            "file": own.f_code.co_filename if own else "",
            "line": own.f_lineno if own else 0,
            # An exit in the middle of handling an error is mostly its consequence.
            "caught": None if not code or caught is None or isinstance(caught, SystemExit) else _described(caught),
        }
        # Kept by number: the error itself would keep everything alive that its frames hold.
        self.said_after = id(_uncaught())

    def saw(self, text: object) -> None:
        """Remember what the interpreter itself prints: the words of a SystemExit, wherever it was raised."""
        if self.written_by != os.getpid() and len(self.printed) < _WORDS and _thread_number() == self.thread:
            self.printed += _text(text)

    def _words_of_interpreter(self) -> "dict[str, Any] | None":
        """Return what it printed because of an exit with words, in the form of `said`; None where it did not."""
        words = self.printed.strip()[:_WORDS]
        if not words:
            return None
        said = self.said
        is_known = said is not None and said["words"].strip() == words
        return said if is_known else {"code": 1, "words": words, "file": "", "line": 0, "caught": None}

    def write(self) -> None:
        """Append the line; a second call in the same process does nothing."""
        if self.written_by == os.getpid():
            return
        self.written_by = os.getpid()
        from desktop_aml_run import belonging

        main = belonging.variable(MAIN_VARIABLE) == str(os.getpid())
        error = _uncaught()
        said = self.said
        if error is None:
            said = self._words_of_interpreter() or said
        if said is not None and error is not None:
            if self.said_after != id(error):
                said = None
            elif said["words"] or said["caught"]:
                error = None
        if not main and error is None and (said is None or not said["code"]):
            return
        entry = {
            "pid": os.getpid(),
            "main": main,
            "code": said["code"] if said is not None else None if error is None else 1,
            "error": None if error is None else _described(error),
            "said": said,
            "log_bytes": _size_of_log(self.path),
        }
        self._append(_line(entry), main)

    def _append(self, line: bytes, main: bool) -> None:
        # One write, so that the lines of several processes do not mix.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | CAREFUL, 0o600)
        try:
            if main or os.fstat(descriptor).st_size < _MOST_BYTES:
                os.write(descriptor, line)
        finally:
            os.close(descriptor)


def install(run_directory: str) -> None:
    """Begin to listen, in a process of a run."""
    if _listening:
        # In a warm start the interpreter has listened since before the run.
        _listening[0].begin(run_directory)
        return
    import atexit

    from desktop_aml_run.callers import passing_on

    end = _End(run_directory)
    _listening.append(end)
    leave, register = sys.exit, atexit.register

    def exit(status: "Any" = None) -> "NoReturn":
        """Exit the interpreter by raising SystemExit(status)."""
        _quietly(end.heard, status, sys._getframe(1))  # noqa: SLF001 - the documented way to see who asks
        with passing_on:
            leave(status)

    def say_farewell() -> None:
        _quietly(end.write)

    def register_and_stay_first(*args: "Any", **kwargs: "Any") -> "Any":
        function = register(*args, **kwargs)
        # The last that is registered is called first: before text that is no part of the reason.
        register(say_farewell)
        return function

    for new, old in ((exit, leave), (register_and_stay_first, register)):
        new.__name__, new.__qualname__, new.__module__, new.__doc__ = (
            old.__name__, old.__qualname__, old.__module__, old.__doc__,
        )  # fmt: skip
    sys.exit, atexit.register = exit, register_and_stay_first
    register(say_farewell)
    _listen_to_quitters(end, passing_on)
    _quietly(_look_at_what_the_interpreter_prints, end, passing_on)


def _listen_to_quitters(end: "_End", passing_on: "_PassingOn") -> None:
    """Hear ``exit("words")`` and ``quit("words")``, which do not go through `sys.exit`."""
    try:
        from _sitebuiltins import Quitter
    except ImportError:
        return
    original = Quitter.__call__

    def call(self: "Any", code: "Any" = None) -> "NoReturn":
        _quietly(end.heard, code, sys._getframe(1))  # noqa: SLF001 - the documented way to see who asks
        with passing_on:
            original(self, code)

    Quitter.__call__ = call  # type: ignore[method-assign]  # there is no hook for it


def _look_at_what_the_interpreter_prints(end: "_End", passing_on: "_PassingOn") -> None:
    """Hear ``raise SystemExit("words")``, which runs no hook: the interpreter prints the words, and nobody calls it.

    Only the stream that is there now is listened to. To hear that a script puts another one in its place, `sys` would
    have to be of another class; and ``type(sys)`` is what much code takes for the class of all modules.
    """
    stream, frame = sys.stderr, sys._getframe  # noqa: SLF001 - there is no other way to see that nobody calls
    original = stream.write

    def write(text: str) -> int:
        try:
            frame(1)
        except ValueError:
            _quietly(end.saw, text)
        with passing_on:
            return original(text)

    # On the stream itself: its class, and all else of it, stay what they are.
    stream.write = write  # type: ignore[method-assign]


def _line(entry: "dict[str, Any]") -> bytes:
    """Return an entry as a line of JSON."""
    if entry["error"] is None and entry["said"] is None:
        # How most scripts end. To import json would cost a short one a sixth of its time.
        size = "null" if entry["log_bytes"] is None else entry["log_bytes"]
        form = '{{"pid": {}, "main": true, "code": null, "error": null, "said": null, "log_bytes": {}}}\n'
        return form.format(entry["pid"], size).encode()
    import json

    return json.dumps(entry).encode() + b"\n"


def _quietly(function: "Callable[..., object]", *args: "Any") -> None:
    try:
        function(*args)
    except Exception:  # noqa: BLE001 - the script's end is its own, whatever becomes of this note
        return


def _thread_number() -> int:
    from _thread import get_ident

    return get_ident()


def _uncaught() -> "BaseException | None":
    """Return the error that Python printed because nobody caught it, whoever has replaced `sys.excepthook`."""
    return getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)


def _first_inside(error: BaseException) -> "BaseException | None":
    """Return the first error of a group that is no group itself; None where the error is none."""
    inner = None
    for _ in range(100):
        inside = getattr(inner or error, "exceptions", None)
        if type(inside) is not tuple or not inside or not isinstance(inside[0], BaseException):
            break
        inner = inside[0]
    return inner


def _described(error: BaseException) -> "dict[str, Any]":
    from desktop_aml_run.callers import formatted

    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else kind.__module__ + "." + kind.__qualname__
    )
    text = _text(error)
    if isinstance(error, SyntaxError):
        text = _text(error.msg) + ("" if error.filename is None else " ({}, line {})".format(
            os.path.basename(_text(error.filename)), error.lineno))  # fmt: skip
    inner = _first_inside(error)
    if inner is not None:
        # What a group says of itself, as that of tasks does, is how many there are.
        text += ", first " + type(inner).__name__ + (": " + _text(inner) if _text(inner) else "")
    try:
        trace = formatted(error)
    except Exception:  # noqa: BLE001 - an error may break whoever looks at it
        trace = ""
    code = getattr(error, "returncode", None)
    return {
        "type": name[:_WORDS],
        "message": text[:_WORDS],
        "trace": trace[-_TRACE:].strip(),
        "returncode": code if type(code) is int else None,
    }


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the class may be anybody's
        return ""


def _own(frame: "FrameType | None") -> "FrameType | None":
    """Return the innermost frame of the user's own code from `frame` outwards, or None."""
    from desktop_aml_run.callers import is_own_code

    while frame is not None and not is_own_code(frame):
        frame = frame.f_back
    return frame


def _of_argparse(frame: "FrameType") -> str:
    """Return what argparse said before it left: it prints that by itself."""
    if frame.f_globals.get("__name__") != "argparse" or frame.f_code.co_name != "exit":
        return ""
    return _text(frame.f_locals.get("message") or "").strip()


def _size_of_log(path: str) -> "int | None":
    """Return how long the log is now, where this process writes its errors there; else None."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        found = os.stat(os.path.join(os.path.dirname(path), "std_log.txt"))
        return found.st_size if os.path.samestat(found, os.fstat(2)) else None
    except Exception:  # noqa: BLE001 - the streams may be anybody's, or gone
        return None
