"""Start: no words or a folder open the window; anything else is the command line."""

from __future__ import annotations

import gc
import os
import sys
from typing import Final

from desktop_aml.domain.completion import VARIABLE

WINDOW_OPTIONS: Final = ("--sample", "--safe-mode")


def main() -> int:
    """Run the program with the words of its command line and return its exit code."""
    words = sys.argv[1:]
    if VARIABLE not in os.environ and wants_window(words):
        # What a start makes is there to stay. The window's own collector takes over: see `ui.start.garbage`.
        gc.disable()
        # Imported here: the command line must not load Qt, nor the window the command line.
        from desktop_aml import doctor, settings

        settings.remember_interpreter()
        obstacle = doctor.window_obstacle(os.environ)
        if obstacle is not None:
            print(f"Error: {obstacle.message}\n{obstacle.fix}", file=sys.stderr)  # noqa: T201
            return 3
        from desktop_aml.ui.start.app import main as open_window

        sample = "--sample" in words
        folders = [word for word in words if word not in WINDOW_OPTIONS]
        return open_window(folders[0] if folders else None, sample=sample, safe="--safe-mode" in words)
    from desktop_aml.cli import main as run_command

    return run_command(words)


def wants_window(words: list[str]) -> bool:
    """Whether these words ask for the window: none, an option of the window, or one folder or file.

    A word that is a command is that command, whatever lies in this folder by the same name.
    """
    rest = [word for word in words if word not in WINDOW_OPTIONS]
    if not rest:
        return True
    word = rest[0]
    if len(rest) > 1 or word.startswith("-"):
        return False
    if "/" in word or word in {".", ".."} or word.endswith(".py"):
        return True
    if not os.path.lexists(word):
        return False
    # Here: the names of the commands come with the command line.
    from desktop_aml.cli import COMMANDS

    return word not in COMMANDS


if __name__ == "__main__":
    sys.exit(main())
