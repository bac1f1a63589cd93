"""The program as it is started, with a watch that writes down each turn of its window that was too long.

``python -m tests.journeys.watched_program FILE [words of the program]``: a line of JSON a turn, with the time at which
it ended and words about it. It watches from the moment at which a workspace is open: how long a start takes is
measured elsewhere.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from desktop_aml import __main__ as program
from desktop_aml.ui.shell.main_window import MainWindow
from tests.ui.turn_watch import Stumbles


def main() -> int:
    """Run the program."""
    file = Path(sys.argv.pop(1))
    open_folder = MainWindow.open_folder
    watches: list[Stumbles] = []

    def write(at: float, words: str) -> None:
        with file.open("a") as stream:
            stream.write(json.dumps([at, words]) + "\n")

    def watched(window: MainWindow, path: Path) -> Any:
        is_open = open_folder(window, path)
        watches.append(watches[0] if watches else Stumbles(write))
        # In the next turn: this one is that of the start.
        QTimer.singleShot(0, watches[0].begin)
        return is_open

    MainWindow.open_folder = watched  # type: ignore[method-assign]
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
