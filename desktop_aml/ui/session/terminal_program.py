"""The program in which a person types commands: a command is begun in a window of it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QProcess
from PySide6.QtGui import QGuiApplication

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "x-terminal-emulator": ("-e",),
    "ptyxis": ("--",),
    "kgx": ("--",),
    "gnome-terminal": ("--",),
    "konsole": ("-e",),
    "xfce4-terminal": ("-x",),
    "mate-terminal": ("-x",),
    "lxterminal": ("-e",),
    "kitty": (),
    "alacritty": ("-e",),
    "wezterm": ("start", "--"),
    "foot": (),
    "ghostty": ("-e",),
    "xterm": ("-e",),
}
"""What stands before a command. Debian's name for the chosen one comes first."""


def words_in_terminal(command: Sequence[str]) -> list[str]:
    """Return the words that begin a command in a terminal; empty where no terminal is known.

    What ``TERMINAL`` names comes first, then the programs above that are installed.
    """
    named = os.environ.get("TERMINAL", "")
    for program in (*([named] if named else []), *_FORMS):
        found = shutil.which(program)
        if found is not None:
            return [found, *_FORMS.get(Path(program).name, ("-e",)), *command]
    return []


def open_terminal(owner: QObject, bridge: Bridge, words: Sequence[str], check: Callable[[], object]) -> None:
    """Begin a command of this program in a terminal; where there is none it is copied, and that is said.

    Parameters
    ----------
    words : sequence of str
        What follows ``desktop-aml``.
    check : callable
        Raises what keeps the command from working, so that it is told here and not in a terminal that closes.
    """

    def work() -> list[str]:
        # Off the window's thread: the workspace, and the folders of programs, may lie on a slow network.
        check()
        return words_in_terminal((sys.executable, "-m", "desktop_aml", *words))

    def start(command: list[str]) -> None:
        if command and QProcess.startDetached(command[0], command[1:])[0]:
            return
        QGuiApplication.clipboard().setText(shlex.join(("desktop-aml", *words)))
        bridge.tell(_tr("No terminal program was found. The command is copied: paste it into a terminal."), "warning")

    call_for(owner, bridge, work, start)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TerminalProgram", text)
