"""What Linux tells of files that come into a folder, for `folder_watch`: inotify(7)."""

from __future__ import annotations

import os
import select
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

assert sys.platform == "linux", "this module is of another system"

_MADE: Final = 0x0100
_MOVED_HERE: Final = 0x0080
_ONLY_FOLDERS: Final = 0x0100_0000
"""IN_CREATE, IN_MOVED_TO and IN_ONLYDIR."""

_HEAD: Final = struct.Struct("iIII")
_PART: Final = 1 << 14


class Watch:
    """Tells of one folder on a thread of its own, until it is closed.

    Raises
    ------
    OSError
        When the folder cannot be watched: it is not there, or the user has as many watches as the system allows.
    RuntimeError
        No thread can be started.
    """

    def __init__(self, folder: Path, told: Callable[[str], object]) -> None:
        self._told = told
        self._thread = threading.Thread(target=self._listen, name="folder-watch", daemon=True)
        with ExitStack() as opened:
            self._watch = _watch_of(folder)
            opened.callback(os.close, self._watch)
            self._end, self._ends = os.pipe()
            opened.callback(os.close, self._end)
            opened.callback(os.close, self._ends)
            self._thread.start()
            opened.pop_all()

    def close(self) -> None:
        """Tell nothing more."""
        os.close(self._ends)
        self._thread.join()
        os.close(self._end)
        os.close(self._watch)

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._watch, select.POLLIN)
        poll.register(self._end, select.POLLIN)
        while self._end not in {descriptor for descriptor, _ in poll.poll()}:
            for name in _names_in(os.read(self._watch, _PART)):
                self._told(name)


def _watch_of(folder: Path) -> int:
    # Imported here: few processes watch.
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    watch: int = libc.inotify_init1(os.O_CLOEXEC)
    if watch >= 0 and libc.inotify_add_watch(watch, os.fsencode(folder), _MADE | _MOVED_HERE | _ONLY_FOLDERS) >= 0:
        return watch
    error = ctypes.get_errno()
    if watch >= 0:
        os.close(watch)
    raise OSError(error, os.strerror(error), str(folder))


def _names_in(data: bytes) -> Iterator[str]:
    place = 0
    while place < len(data):
        _, _, _, length = _HEAD.unpack_from(data, place)
        place += _HEAD.size
        name = data[place : place + length].rstrip(b"\0")
        place += length
        if name:  # none where so much came at once that the kernel kept no list: the next look finds it
            yield os.fsdecode(name)
