"""The steps of a preparation in a terminal: in place where a person watches, else a line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

import click

_WIDTH = 120


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
        done = f"{fraction:4.0%} " if fraction is not None else ""
        self._words = f"{done}{stage}: {message}" if message else f"{done}{stage}"
        stream = self._stream or sys.stderr
        if not stream.isatty():
            self.wait()
        elif message:
            click.echo(f"\r\x1b[2K{self._words}"[:_WIDTH], file=stream, nl=False)

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
