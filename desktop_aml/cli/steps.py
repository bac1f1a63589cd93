"""The steps of a preparation in a terminal: in place where a person watches, else a line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

import click

from desktop_aml.cli.terminal.status_line import StatusLine, status_line


class Steps:
    """Prints what takes long.

    Parameters
    ----------
    stream : file, optional
        Standard error by default.
    clock : callable, optional
        Seconds.
    every_s : float
        How long a pipe may be silent; what is quicker than that prints nothing there.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic, every_s: float = 8.0
    ) -> None:
        self._stream = stream
        self._line = StatusLine(stream) if stream is not None else status_line
        self._clock = clock
        self._every_s = every_s
        self._lock = threading.Lock()
        self._of = ""
        self._begun: dict[str, float] = {}
        self._told_at = 0.0
        self._words = ""

    def tell(self, stage: str, message: str, fraction: float | None = None, *, of: str = "") -> None:
        """Take in a step; called from any thread. `of` says whose preparation it is: of several, each has its time."""
        with self._lock:
            if of not in self._begun:
                self._begun[of] = self._begun.pop("", self._clock())
            self._of = of
        words = f"{stage}: {message}" if message else stage
        self._words = f"{fraction:4.0%} {words}" if fraction is not None else words
        if not (self._stream or sys.stderr).isatty():
            self.wait()
        elif message:
            self._line.show(words, fraction)

    def wait(self) -> None:
        """Say in a pipe how far the present step is, when nothing was said for long; called while it goes on."""
        stream = self._stream or sys.stderr
        with self._lock:
            now = self._clock()
            begun = self._begun.setdefault(self._of, now)
            if stream.isatty() or now - max(self._told_at, begun) < self._every_s:
                return
            self._told_at = now
            line = f"{self._words or 'Preparing'} ({now - begun:.0f} s)"
        click.echo(line, file=stream)


steps = Steps()
"""Those of this process."""
