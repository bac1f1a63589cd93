"""Why a script failed, from the notes that its interpreters left at their end; its log where they left none.

The notes are written by `desktop_aml.inside_run.site.desktop_aml_run.script_end`. A script may write there, too, so
nothing in them is believed to have a certain form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.runs import RunOutcome
from desktop_aml.inside_run.site.desktop_aml_run.script_end import NAME
from desktop_aml.run_folder import log_tail
from desktop_aml.system.files import open_regular

_READ_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a script failed.

    Parameters
    ----------
    message : str
        In one line.
    error : str
        The whole message of the error, for whoever looks for words in it; empty when none is known.
    hint : str
        What to know or do, where no word of the error tells.
    """

    message: str
    error: str = ""
    details: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Error:
    name: str
    message: str
    trace: str
    returncode: int | None = None

    def line(self) -> str:
        return log_tail.one_line(self.whole().splitlines())

    def whole(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass(frozen=True, slots=True)
class _End:
    """How one interpreter ended. `code` is None where it is not known."""

    is_main: bool
    code: int | None
    error: _Error | None
    caught: _Error | None
    words: str
    place: str
    log_bytes: int | None

    def tells(self) -> bool:
        return bool(self.error or self.caught or self.words)


def reason(outcome: RunOutcome, run_directory: Path) -> Reason:
    """Return why a script failed whose end was seen."""
    ends = _read(run_directory)
    words = _words_of(outcome)
    log = run_directory / "logs" / "std_log.txt"
    main = next((end for end in reversed(ends) if end.is_main), None)
    others = [end for end in ends if not end.is_main]
    codes = (None, outcome.exit_code, 1 if outcome.exit_code == _COULD_NOT_FLUSH else None)
    if main is not None and main.error is None and main.code not in codes:
        # Words of a sys.exit that was caught, before the script ended otherwise.
        main = replace(main, caught=None, words="", place="")
    if main is not None and main.tells():
        found = _told(main, words, _inner(main, others))
        # What runs notebooks prints the traceback of a cell, then leaves with where it failed.
        printed = log_tail.last_error(log_tail.read(log))
        return replace(found, details=printed.traceback) if printed.error == found.error else found
    # A shell, or a script that only passes on how what it started ended.
    passed_on = next((end for end in reversed(others) if end.tells() and end.code == outcome.exit_code), None)
    if passed_on is not None and outcome.exit_code is not None:
        return _told(passed_on, words, None)
    if main is None:
        told = log_tail.last_error(log_tail.read(log))
        if told.error:
            return _plain(told, words)
        # It left without farewell, as with os._exit.
        is_plain = outcome.exit_code is not None and outcome.message in ("", f"{words}.")
        message = _with_last_line(words, log_tail.read(log)) if is_plain else outcome.message or f"{words}."
        return Reason(message, details=told.traceback)
    text = log_tail.read(log, main.log_bytes)
    told = log_tail.deciding_error(text)
    if told.error:
        return _plain(told, words)
    if main.place:
        caught = " The error that its log shows had been caught." if log_tail.last_error(text).traceback else ""
        message = f"{words}." if caught else _with_last_line(words, text)
        return Reason(message, hint=f"It ended itself, in {main.place}.{caught}")
    hint = _UNWRITTEN if outcome.exit_code == _COULD_NOT_FLUSH != main.code else ""
    return Reason(_with_last_line(words, text), hint=hint)


def _with_last_line(words: str, text: str) -> str:
    last = log_tail.last_line(text)
    return f"{words}. The last line of its log before that: {last}" if last else f"{words}."


def _words_of(outcome: RunOutcome) -> str:
    if outcome.signal is not None:
        return f"The script ended with signal {outcome.signal}"
    return f"The script ended with exit code {outcome.exit_code}"


def _plain(told: log_tail.Told, words: str) -> Reason:
    return Reason(f"{told.error} ({_lower(words)})", told.error, told.traceback)


def _told(end: _End, words: str, inner: _Error | None) -> Reason:
    if end.error is not None:
        if inner is None:
            return Reason(f"{end.error.line()} ({_lower(words)})", end.error.whole(), end.error.trace)
        message = f"{end.error.line()} It failed with {inner.line()} ({_lower(words)})"
        return Reason(message, f"{end.error.whole()}\n{inner.whole()}", f"{inner.trace}\n\n{end.error.trace}")
    if end.words:
        said = end.words.split(": error: ", 1)[-1] if end.code == _USAGE else end.words
        trace = end.caught.trace if end.caught else ""
        return Reason(f"{log_tail.one_line(said.splitlines())} ({_lower(words)})", said, trace or end.words)
    caught = end.caught or _Error("", "", "")
    message = f"{caught.line()} (the script caught it and {_lower(words).removeprefix('the script ')})"
    return Reason(message, caught.whole(), caught.trace)


_COULD_NOT_FLUSH: Final = 120
"""Exit code of Python where its last words could not be written, whatever the script ended with."""

_UNWRITTEN: Final = (
    "Python ends so where it cannot write what was printed last: on a full disk, or into an output that was closed."
)

_USAGE: Final = 2
"""Exit code of a script that was called with arguments it does not take."""


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _inner(main: _End, others: list[_End]) -> _Error | None:
    """Return the error of the process whose failure was the script's, when that tells no more than an exit code."""
    if main.error is None or main.error.returncode is None:
        return None
    code = main.error.returncode
    return next((end.error for end in reversed(others) if end.error and end.code == code), None)


def of_signal(number: int, run_directory: Path) -> Reason | None:
    """Return why a script ended itself by a signal, as Python does after Ctrl+C; None when it came from elsewhere."""
    main = next((end for end in reversed(_read(run_directory)) if end.is_main), None)
    if main is None or main.error is None or main.error.name != "KeyboardInterrupt":
        return None
    return _told(main, _words_of(RunOutcome(signal=number)), None)


def _read(run_directory: Path) -> list[_End]:
    found: list[_End] = []
    with suppress(OSError), open_regular(run_directory / "logs" / NAME) as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _READ_BYTES))
        for line in stream.read(_READ_BYTES).splitlines():
            with suppress(ValueError, RecursionError):
                values = json.loads(line)
                if isinstance(values, dict):
                    found.append(_end(values, run_directory / "snapshot"))
    return found


def _end(values: Mapping[str, Any], snapshot: Path) -> _End:
    said = values.get("said")
    said = said if isinstance(said, dict) else {}
    file, line = _text(said.get("file")), _number(said.get("line"))
    with suppress(ValueError):
        file = str(Path(file).relative_to(snapshot))
    error = _error(values.get("error"))
    return _End(
        is_main=values.get("main") is True,
        code=_number(values.get("code")),
        error=error,
        caught=_error(said.get("caught")) if error is None else None,
        words=_text(said.get("words")).strip() if error is None else "",
        place=f"{file}, line {line}" if file and line else "",
        log_bytes=_number(values.get("log_bytes")),
    )


def _error(values: object) -> _Error | None:
    if not isinstance(values, dict) or not _text(values.get("type")):
        return None
    return _Error(
        _text(values["type"]),
        _text(values.get("message")).strip(),
        _text(values.get("trace")),
        _number(values.get("returncode")),
    )


def _text(value: object) -> str:
    # Half of a surrogate pair is text for Python, and for nobody else.
    return log_tail.without_colors(value.encode("utf-8", "replace").decode()) if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None
