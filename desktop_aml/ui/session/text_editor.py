"""The program in which a person edits text, opened at a line where it can be told one."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

_FILE, _LINE = "{file}", "{line}"
_GO_TO: Final = ("--goto", f"{_FILE}:{_LINE}")
_PLUS: Final = (f"+{_LINE}", _FILE)
_OPTION: Final = ("--line", _LINE, _FILE)
_EDITORS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": _GO_TO,
    "codium": _GO_TO,
    "cursor": _GO_TO,
    "pycharm": _OPTION,
    "charm": _OPTION,
    "subl": (f"{_FILE}:{_LINE}",),
    "zed": (f"{_FILE}:{_LINE}",),
    "kate": _OPTION,
    "gnome-text-editor": _PLUS,
    "gedit": _PLUS,
    "xed": _PLUS,
    "pluma": _PLUS,
    "mousepad": _OPTION,
    "gvim": _PLUS,
}
"""How each is told a line. Those that need a terminal are not among them: there is none."""


_FOLDERS: Final = ("code", "codium", "cursor", "pycharm", "charm", "subl", "zed", "kate")
"""Those that take a folder, and show all that is in it."""


def command_at(path: Path, line: int) -> list[str]:
    """Return the command that opens a file at a line, counted from 1; empty where no editor is known.

    What ``VISUAL`` or ``EDITOR`` names comes first, then the editors above that are installed.
    """
    program, command = _first_of(_EDITORS)
    told = _EDITORS.get(program, ())
    return command and [*command, *(one.replace(_LINE, str(max(1, line))).replace(_FILE, str(path)) for one in told)]


def command_of(folder: Path) -> list[str]:
    """Return the command that opens a folder as a whole; empty where no editor that can is known."""
    _, command = _first_of(_FOLDERS)
    return command and [*command, str(folder)]


def _first_of(editors: Collection[str]) -> tuple[str, list[str]]:
    """Return the name of the first of these editors that is chosen or installed, and how it is started."""
    chosen = [_words(os.environ.get(name, "")) for name in ("VISUAL", "EDITOR")]
    named = [words for words in chosen if words and Path(words[0]).name in editors]
    for program, *options in (*named, *([name] for name in editors)):
        found = shutil.which(program)
        if found is not None:
            return Path(program).name, [found, *options]
    return "", []


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quotation without an end names no editor
        return []


def edit(owner: QObject, bridge: Bridge, path: Path, line: int = 1) -> None:
    """Open a file, or a folder as a whole, in the editor or in the program that the desktop has for it."""

    def work() -> tuple[bool, list[str]]:
        # Off the window's thread: the file, and the folders of programs, may lie on a slow network.
        return path.exists(), command_of(path) if path.is_dir() else command_at(path, line)

    def start(found: tuple[bool, list[str]]) -> None:
        is_there, command = found
        if not is_there:
            bridge.tell(_tr("There is no “{0}” on this computer.").format(path), "warning")
        elif not (command and QProcess.startDetached(command[0], command[1:])[0]) and not QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        ):
            bridge.tell(_tr("No program edits it here."), "warning", str(path))

    call_for(owner, bridge, work, start)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TextEditor", text)
