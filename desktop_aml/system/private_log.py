"""A log file that only its owner reads: logs name paths, arguments and errors. Bounded, and written by several."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Final

from desktop_aml.system.locks import open_lock, try_lock
from desktop_aml.system.new_files import PRIVATE

LIMIT_BYTES: Final = 4 << 20
KEPT: Final = 3
"""Older files that are kept: together with the one that is written they take four times the limit."""


class PrivateLog(logging.FileHandler):
    """A rotating log; each new file of it is for its owner alone, one that is there keeps its permissions.

    Engines of several workspaces write the same file, and so do several windows. Records are appended, each in one
    write; the file is renamed under a lock, by one of them, and the others go on in the new one. Nobody waits for the
    lock: who does not get it writes on where it was, and asks again with the next record.

    It is not one of `logging.handlers`: these load queues, pickles and sockets at every start of the program.

    Parameters
    ----------
    path : Path
        The file; older ones lie beside it, with ``.1`` to ``.3`` at their ends.
    limit_bytes : int
        Size at which the file is renamed.
    """

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES, *, delay: bool = False) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=delay)
        self._limit_bytes = limit_bytes

    def _open(self) -> TextIOWrapper:
        def opened(path: str, flags: int) -> int:
            return os.open(path, flags, PRIVATE)

        # The mode is text, always.
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=opened)  # type: ignore[return-value]

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, in the next file where this one is full."""
        try:
            if self.stream is not None and not self._is_own():
                self._let_go()
            if self.stream is None:
                self.stream = self._open()
            if self._is_full(self.stream, record):
                self._turn_over()
        except Exception:  # noqa: BLE001 - as every handler: what cannot be logged ends nobody
            self.handleError(record)
        else:
            super().emit(record)

    def _is_full(self, stream: IO[str], record: logging.LogRecord) -> bool:
        """Whether the file would pass the limit; what is no file, such as ``/dev/null``, never does."""
        there = os.fstat(stream.fileno())
        return stat.S_ISREG(there.st_mode) and there.st_size + len(self.format(record)) + 1 >= self._limit_bytes

    def _turn_over(self) -> None:
        """Rename the files, unless another process is about to, or has done it."""
        try:
            lock = open_lock(Path(f"{self.baseFilename}.lock"))
        except OSError:
            return  # as on a full disk: the record itself may still find its place
        try:
            if not try_lock(lock):
                return
            if self._is_own():
                names = [self.baseFilename, *(f"{self.baseFilename}.{number}" for number in range(1, KEPT + 1))]
                for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
                    with contextlib.suppress(FileNotFoundError):
                        Path(newer).replace(older)
            self._let_go()
        except OSError:
            self._let_go()  # the next record opens what is there
        finally:
            os.close(lock)

    def _is_own(self) -> bool:
        """Whether the file that is open is still the one with the name."""
        try:
            there = Path(self.baseFilename).stat()
            return self.stream is not None and os.path.samestat(os.fstat(self.stream.fileno()), there)
        except (OSError, ValueError):
            return False

    def _let_go(self) -> None:
        if self.stream is not None:
            self.stream.close()
            self.stream = None


def log_to(path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Write what this process logs, from INFO on, to a file whose folder is made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    logging.basicConfig(
        handlers=[PrivateLog(path, limit_bytes, delay=True)],
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
