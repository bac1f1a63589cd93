"""When a log grew, put down by the supervisor beside it: it sees the size, never what is written.

``logs/std_log.times`` holds pairs of eight-byte little-endian whole numbers: microseconds since 1970, and the bytes
that the log had then. A pair is appended by one write; a torn one at the end is no pair. Standard library only,
Python 3.6 or newer.
"""

import os
import struct
import sys
import time

assert sys.platform != "win32", "this module is of POSIX systems"

NAME = b"std_log.times"

LEAST_S = 0.25
"""Between two looks at a log that grows."""

MOST_S = 1.0
"""Between two looks at one that rests."""

PAIRS = 20000
"""After so many pairs looks are half as frequent, and so on: the file of a run of weeks stays below a few megabytes."""

_PAIR = struct.Struct("<qq")


class LogTimes:
    """Keeps the times of one log; a full disk or an odd file there ends them, never the run."""

    def __init__(self, logs: bytes) -> None:
        self._log = os.path.join(logs, b"std_log.txt")
        self._path = os.path.join(logs, NAME)
        self._size = -1
        self._pairs = 0
        self._pause_s = LEAST_S
        self._is_broken = False
        self.due = time.monotonic()

    def look(self, now: float, _apart: int = 0) -> None:
        """Put down how long the log is when it is time for that, and it has changed.

        Parameters
        ----------
        now : float
            The present moment of the monotonic clock.
        """
        if now < self.due:
            return
        longer = 1 << self._pairs // PAIRS
        self._pause_s = LEAST_S if self.note() else min(self._pause_s * 1.5, MOST_S)
        self.due = time.monotonic() + self._pause_s * longer

    def note(self) -> bool:
        """Put down how long the log is now, where that has changed; return whether it has."""
        try:
            size = os.lstat(self._log).st_size
            if self._is_broken or size == self._size:
                return False
            self._append(_PAIR.pack(int(time.time() * 1e6), size))
        except OSError:
            self._is_broken = True
            return False
        self._size = size
        self._pairs += 1
        return True

    def _append(self, pair: bytes) -> None:
        # Not blocking: the script may have put a FIFO there.
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, 0o600)
        try:
            # Behind the last whole pair: another attempt may have left a torn one.
            size = os.fstat(descriptor).st_size
            os.pwrite(descriptor, pair, size - size % _PAIR.size)
        finally:
            os.close(descriptor)
