"""What a machine is spoken to through: ssh, or a connection that it made itself."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from typing import IO, Final, Protocol

from desktop_aml.executors.cluster import machines

_LAST_S: Final = 2.0
_CLOSE_S: Final = 12.0
"""How long what is carried out over there may take to end."""


class Line(Protocol):
    """A way to a program over there that was just begun."""

    @property
    def to(self) -> IO[bytes]:
        """Its input."""

    @property
    def news(self) -> IO[bytes]:
        """Its output."""

    @property
    def errors(self) -> IO[bytes] | None:
        """What goes wrong, in lines, where that is told apart."""

    def cut(self) -> None:
        """End it at once. Raises OSError where it has ended."""

    def hang_up(self) -> None:
        """End its input, and with that the program. Raises OSError or ValueError where it has ended."""

    def how_lost(self, said: str) -> str:
        """Return in words how it ended; may wait a moment for it."""


class SshLine:
    """A program that ssh begins."""

    def __init__(self, host: str, python: str, options: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            machines.words_of(host, python, *options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.to: IO[bytes] = self._process.stdin
        self.news: IO[bytes] = self._process.stdout
        self.errors = self._process.stderr

    def cut(self) -> None:
        """End it at once."""
        self._process.kill()

    def hang_up(self) -> None:
        """End its input; an ssh that stays is ended after a while."""
        threading.Thread(target=self._end, args=(_CLOSE_S,), daemon=True).start()
        self.to.close()

    def how_lost(self, said: str) -> str:
        """Return what ssh said of its end."""
        return machines.how_lost(self._end(_LAST_S), said)

    def _end(self, patience_s: float) -> int:
        try:
            return self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                self._process.kill()
            return self._process.wait()
