"""Tell which parts of a run's log Python wrote as standard error: both streams go to one file, as Azure ML has it.

Each process that writes there keeps ``logs/std_log.errors.<pid>``: pairs of eight-byte little-endian whole numbers,
the first byte of a part and the one behind it. The launcher gives standard error a place in the log of its own, so
that after a write the descriptor tells exactly where it ended. What is written past Python (by C code, by other
programs) is not told. What goes wrong here must never disturb the script. Python 3.6 to 3.14.
"""

import io
import os
import sys

from desktop_aml_run import CAREFUL, NOT_INHERITED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _typeshed import ReadableBuffer


PREFIX = "std_log.errors."

_MOST_BYTES = 1 << 18
"""Of one process; what comes then is not told."""


class _Parts(object):
    """Where this process keeps what it tells; found again in a process that was forked."""

    def __init__(self) -> None:
        self.pid = 0
        self.log: "tuple[int, int] | None" = None
        self.path = ""
        self.at = 0
        self.first = self.last = -1

    def begin(self) -> None:
        self.pid = os.getpid()
        self.log = None
        run_directory = os.environ.get("DESKTOP_AML_RUN_DIR")
        if not run_directory:
            return
        logs = os.path.join(run_directory, "logs")
        found = os.stat(os.path.join(logs, "std_log.txt"))
        self.log = (found.st_dev, found.st_ino)
        self.path = os.path.join(logs, PREFIX + str(self.pid))
        self.first = self.last = -1
        try:
            # Another attempt may have had a process of this number.
            self.at = os.lstat(self.path).st_size // 16 * 16
        except OSError:
            self.at = 0

    def add(self, count: int) -> None:
        """Tell that the last `count` bytes before the descriptor's place are of standard error."""
        if self.pid != os.getpid():
            self.begin()
        if self.log is None or self.at >= _MOST_BYTES:
            return
        found = os.fstat(2)
        if (found.st_dev, found.st_ino) != self.log:
            return
        last = os.lseek(2, 0, os.SEEK_CUR)
        first = last - count
        goes_on = first == self.last
        if goes_on:
            first = self.first
        # What is left open would be a stray descriptor of the script's.
        flags = os.O_WRONLY | os.O_CREAT | CAREFUL | NOT_INHERITED
        descriptor = os.open(self.path, flags, 0o600)
        try:
            pair = first.to_bytes(8, "little", signed=True) + last.to_bytes(8, "little", signed=True)
            os.lseek(descriptor, self.at - 16 if goes_on else self.at, os.SEEK_SET)
            if os.write(descriptor, pair) == 16 and not goes_on:
                self.at += 16
            self.first, self.last = first, last
        finally:
            os.close(descriptor)


_PARTS = _Parts()


class _Noted(io.FileIO):
    """Descriptor 2, as Python opens it, which tells what was written."""

    def write(self, data: "ReadableBuffer") -> int:
        count = io.FileIO.write(self, data)
        if count:
            try:
                _PARTS.add(count)
            except Exception:  # noqa: BLE001, S110 - no stream, no disk, an interpreter that ends: it is only told less
                pass
        return count


def install() -> None:
    """Have `sys.stderr` tell; one that is not as Python made it stays as it is."""
    before = sys.stderr
    if type(before) is not io.TextIOWrapper or before is not sys.__stderr__:
        return
    is_direct = type(before.buffer) is io.FileIO
    if before.fileno() != 2 or not (is_direct or type(before.buffer) is io.BufferedWriter):
        return
    before.flush()
    raw = _Noted(2, "wb", closefd=False)
    raw.name = "<stderr>"
    stream: "Any" = io.TextIOWrapper(
        raw if is_direct else io.BufferedWriter(raw),
        before.encoding,
        before.errors,
        "\n",
        before.line_buffering,
        is_direct,
    )
    stream.mode = "w"
    sys.stderr = sys.__stderr__ = stream  # type: ignore[misc]  # Python's own name for it; scripts write to either
