"""The program as it is started, with a watch that writes down each turn of its window that was too long.

``python -m tests.journeys.watched_program FILE [words of the program]``: a line of JSON a turn, with the time at which
it ended and words about it. It watches from the moment at which a workspace is open and what its panes need was loaded:
how long a start takes is measured elsewhere.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from desktop_aml import __main__ as program
from desktop_aml.ui.start.loading_ahead import LoadingAhead
from tests.ui.turn_watch import Stumbles


def main() -> int:
    """Run the program."""
    file = Path(sys.argv.pop(1))
    begin = LoadingAhead.begin

    def write(at: float, words: str) -> None:
        with file.open("a") as stream:
            stream.write(json.dumps([at, words]) + "\n")

    def watched(ahead: LoadingAhead) -> None:
        ahead.loaded.connect(Stumbles(write, parent=ahead).begin)
        begin(ahead)

    LoadingAhead.begin = watched  # type: ignore[method-assign]
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
