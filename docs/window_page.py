"""Write ``docs/reference/window.md`` from the window's actions and panes. Called by ``make docs-generated``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QKeySequence

from desktop_aml.ui.shell.actions import MENUS, NEEDS, TABLE, ActionSpec
from desktop_aml.ui.shell.help.keys import PANE_KEYS
from desktop_aml.ui.shell.panes.docks import PANES

PAGE = Path(__file__).parent / "reference" / "window.md"

_Key = QKeySequence.StandardKey
STANDARD = {
    _Key.Open: "Ctrl+O",
    _Key.Quit: "Ctrl+Q",
    _Key.Undo: "Ctrl+Z",
    _Key.Redo: "Ctrl+Shift+Z",
    _Key.Cut: "Ctrl+X",
    _Key.Copy: "Ctrl+C",
    _Key.Paste: "Ctrl+V",
    _Key.SelectAll: "Ctrl+A",
    _Key.Find: "Ctrl+F",
    _Key.HelpContents: "F1",
}
"""What a Linux desktop has for them; Qt asks the desktop's theme, which a page cannot."""

HEAD = """# The window and its keys

Generated from the window's own tables by `make docs-generated`. *Help, Keyboard shortcuts* (Ctrl+/)
shows those of your system; *Help* (F1) shows these pages inside the program, without a network.

![A run with its live metrics, the workspace at the left, the script runner at the right](../images/window.png)

Drop a script, a notebook or a folder anywhere on the window to choose it. Everything that the menus have is found by
its name in the command palette (Ctrl+Shift+P); runs, models and environments in *Go to* (Ctrl+P).

## Windows and workspaces

*New workspace…* asks for a name and a place (at first `desktop-aml` in your home) and makes the folder. A workspace
that is opened while another one is open gets a window of its own, also when the program is started again with its
path. The plain name of a folder here (`ws`) does as a path, unless a command has that name.

A line above the pages says what is wrong with the open workspace, and what now: its folder is gone (*Open where it is
now…*) or back again (*Open again*), it is read-only (you can look, not run), it was not made by you on this computer
(*Trust and run…*), or its engine met a fault.

## Text, notices, crashes

Ctrl+plus and Ctrl+minus change the size of all text, Ctrl+0 gives it back; the window remembers it. In a log they
change the log's own text. In the log of a run tracebacks are red with paths that open the code, what Python wrote to
standard error is amber, and the clock over it shows when each line came, to about a second (not for runs in a container
of a Docker engine elsewhere, nor for imported ones).

When a run fails, or ends well after 30 seconds and more, while the window is not in front, the desktop shows a notice
(through its notification portal, where there is one).

What a crash leaves is kept in `crashes` beside the program's log, and offered at the next start; nothing is sent
anywhere. `desktop-aml --safe-mode` opens the window without the last workspace, its pages and the places of panes.

## Panes

Each is shown and hidden by its key, and keeps its place; *View, Reset layout* puts all of them back.

| pane | key |
|---|---|
"""

LOCAL = """
## In lists, pages and forms

| where | key | does |
|---|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    lines = [f"| {pane.title} | {pane.shortcut} |" for pane in PANES]
    text = HEAD + "\n".join(lines) + "\n"
    for name, title in MENUS:
        rows = [_row(one) for one in TABLE if one.menu.rstrip("-") == name]
        text += (
            f"\n## Menu {title.replace('&', '')}\n\n| action | key | while it is grey |\n|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    inside = "".join(f"| {where} | {keys} | {what} |\n" for where, keys, what in PANE_KEYS)
    return text + LOCAL + inside


def _row(action: ActionSpec) -> str:
    keys = action.shortcut if isinstance(action.shortcut, str) else STANDARD[action.shortcut]
    return f"| {action.text} | {keys} | {NEEDS.get(action.needs, '')} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
