"""One line of a terminal that says how far something is, and gives way to what is printed for good."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class StatusLine:
    """A line that changes in place: words, and a bar where it is known how far a thing is.

    Parameters
    ----------
    stream : file, optional
        Standard error of the moment by default. On what is no terminal nothing is shown.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._shown: tuple[Progress, TaskID] | None = None
        self._says: tuple[str, float | None] | None = None

    def show(self, words: str, fraction: float | None = None) -> None:
        """Show words, and a bar for a `fraction` from 0 to 1; called from any thread."""
        stream = self._stream or sys.stderr
        if not stream.isatty():
            return
        with self._lock:
            if self._says == (words, fraction):
                return
            self._says = (words, fraction)
            progress, task = self._shown or self._begin(stream)
            progress.update(task, description=words, completed=fraction or 0.0, has_bar=fraction is not None)
            progress.refresh()

    def clear(self) -> None:
        """Take the line away, so that other words can be printed in its place."""
        with self._lock:
            if self._shown is not None:
                self._shown[0].stop()
                self._shown = self._says = None

    def _begin(self, stream: TextIO) -> tuple[Progress, TaskID]:
        # Imported here: most commands never wait long enough to show a line.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn
        from rich.table import Column
        from rich.text import Text

        class IfKnown(ProgressColumn):
            """A column that is there only while it is known how far the thing is."""

            max_refresh = None

            def __init__(self, column: ProgressColumn) -> None:
                super().__init__()
                self._column = column

            def render(self, task: Task) -> object:  # type: ignore[override]
                return self._column.render(task) if task.fields["has_bar"] else Text("")

        words = TextColumn(
            "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
        )
        progress = Progress(
            IfKnown(BarColumn(bar_width=24)),
            IfKnown(TaskProgressColumn()),
            words,
            console=Console(file=stream),
            # Nothing of ours may write to the terminal while a script's own words are printed there.
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        progress.start()
        self._shown = progress, progress.add_task("", total=1.0, has_bar=False)
        return self._shown


status_line = StatusLine()
"""That of this process."""
