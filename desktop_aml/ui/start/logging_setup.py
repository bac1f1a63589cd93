"""The program's own log file, and the hooks that bring every unexpected error into it.

Nothing is ever sent anywhere.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.system.private_log import PrivateLog

LOG_NAME: Final = "desktop-aml.log"
CRASH_NAME: Final = "desktop-aml-crash.log"

_log = logging.getLogger("desktop_aml")
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class ErrorNotifier(QObject):
    """Tells the GUI thread of an unexpected error, whichever thread it came from."""

    error_happened = Signal(str, str)
    """One line, and the whole traceback."""
    foreseen_happened = Signal(object)
    """A `DesktopAMLError` that nobody caught: it says itself what happened and what now."""


def start_log_file(folder: Path, limit_bytes: int = 4 << 20) -> Path | None:
    """Write log records of warnings and above, and ours from INFO on, to a rotating file in `folder`.

    Returns
    -------
    Path or None
        The file; None when the folder cannot be written, in which case records go to stderr.
    """
    path = folder / LOG_NAME
    handler: logging.Handler
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = PrivateLog(path, limit_bytes)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _log.setLevel(logging.INFO)
    return path if isinstance(handler, logging.FileHandler) else None


class Hooks:
    """The hooks of Python and Qt for what nobody caught. `remove` puts the former ones back."""

    def __init__(self, notifier: ErrorNotifier, crash_file: Path | None = None) -> None:
        self._notifier = notifier
        self._crash_stream: TextIO | None = None
        self._former = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        self._former_qt = qInstallMessageHandler(_write_qt_message)
        if crash_file is not None:
            self._watch_crashes(crash_file)

    def remove(self) -> None:
        """Put the former hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._former
        qInstallMessageHandler(self._former_qt)
        if self._crash_stream is not None:
            faulthandler.disable()
            self._crash_stream.close()
            self._crash_stream = None

    def _watch_crashes(self, path: Path) -> None:
        try:
            self._crash_stream = path.open("w", encoding="utf-8")
        except OSError:
            _log.warning("Crashes of the interpreter cannot be recorded in %s.", path)
            return
        faulthandler.enable(self._crash_stream)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._former[0](kind, error, trace)
            return
        self._report("An error was not expected", kind, error, trace)
        # Whoever started the program in a terminal sees it there too.
        self._former[0](kind, error, trace)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "a thread"
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self._report(f"An error was not expected in {name}", args.exc_type, args.exc_value, args.exc_traceback)

    def _on_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        # Raised while an object was being destroyed: worth the log, not a person's time.
        _log.error("Ignored in %r: %r", args.object, args.exc_value)

    def _report(self, words: str, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        whole = "".join(traceback.format_exception(kind, error, trace))
        _log.error("%s.\n%s", words, whole)
        if isinstance(error, DesktopAMLError):
            self._notifier.foreseen_happened.emit(error)
        else:
            self._notifier.error_happened.emit(f"{kind.__name__}: {error}", whole)


def _write_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("desktop_aml.qt").log(
        _LEVELS.get(kind, logging.WARNING), "%s%s", f"[{context.category}] " if context.category else "", message
    )
