"""What was meant by words that begin with no command: a script and its arguments, a workspace and a script, a slip."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_SCRIPTS: Final = frozenset({".py", ".pyw", ".ipynb"})


def meant(words: Sequence[str], commands: Sequence[str]) -> str:
    """Return what to say of words of which the first is no command; empty when nothing can be guessed.

    Parameters
    ----------
    words : sequence of str
        Those of the command line, at least one.
    commands : sequence of str
        The names of all commands.
    """
    first, rest = words[0], list(words[1:])
    path = Path(first)
    if path.suffix.lower() in _SCRIPTS:
        return _to_submit(first, rest)
    if path.is_dir():
        return _in_folder(first, rest, is_workspace=_is_workspace(path))
    close = difflib.get_close_matches(first, commands, n=1)
    return f"No such command “{first}”. Did you mean: desktop-aml {shlex.join([close[0], *rest])}" if close else ""


def _to_submit(script: str, arguments: Sequence[str], workspace: str = "") -> str:
    given = arguments[1:] if arguments[:1] == ["--"] else list(arguments)
    if not workspace:
        workspace, given = _without_workspace(given)
    words = ["submit", *(["-w", workspace] if workspace else []), script, *(["--", *given] if given else [])]
    return f"“{script}” is a script, not a command. To run it: desktop-aml {shlex.join(words)}"


def _without_workspace(given: Sequence[str]) -> tuple[str, list[str]]:
    """Return the workspace that is named among a script's arguments, and the others: the script would not know it."""
    for at, word in enumerate(given):
        name, is_joined, value = word.partition("=")
        if name in ("-w", "--workspace"):
            named, end = (value, at + 1) if is_joined else ("".join(given[at + 1 : at + 2]), at + 2)
            if _is_workspace(Path(named)):
                return named, [*given[:at], *given[end:]]
    return "", list(given)


def _is_workspace(path: Path) -> bool:
    return (path / "config.json").is_file()


def _in_folder(folder: str, rest: Sequence[str], *, is_workspace: bool) -> str:
    if not is_workspace:
        return f"“{folder}” is a folder, not a command. To open it in the window, name it alone."
    if rest and Path(rest[0]).suffix.lower() in _SCRIPTS:
        return _to_submit(rest[0], rest[1:], folder)
    opening = f"To open it in the window: desktop-aml {shlex.quote(folder)}"
    here = "A command takes it as -w, as in: desktop-aml run list -w " + shlex.quote(folder)
    return f"“{folder}” is a workspace, not a command. {opening}\n{here}"
