"""Word of files that come into a folder, from the kernel: nobody has to wake up many times a second to look."""

from __future__ import annotations

import os
import select
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MADE: Final = 0x0100
_MOVED_HERE: Final = 0x0080
_ONLY_FOLDERS: Final = 0x0100_0000
"""IN_CREATE, IN_MOVED_TO and IN_ONLYDIR of inotify(7)."""

_HEAD: Final = struct.Struct("iIII")
_PART: Final = 1 << 14


@contextmanager
def arrivals(folder: Path, told: Callable[[str], object]) -> Iterator[None]:
    """Tell the names of files that come into a folder, as long as this context lasts.

    Linux alone tells, and not of what another computer puts into a folder that both share: who must know looks now and
    then all the same.

    Parameters
    ----------
    told : callable
        Called with the name of each, on a thread of its own. It must be quick, and must not raise.
    """
    watch = _watch_of(folder) if sys.platform == "linux" else -1
    if watch < 0:
        yield
        return
    end, ends = os.pipe()
    thread = threading.Thread(target=_listen, args=(watch, end, told), name="folder-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.close(ends)
        thread.join()
        os.close(end)
        os.close(watch)


def _watch_of(folder: Path) -> int:
    """Return a descriptor that tells; -1 where none can be had: there are few for a user."""
    # Imported here: few processes watch.
    import ctypes

    libc = ctypes.CDLL(None)
    watch: int = libc.inotify_init1(os.O_CLOEXEC)
    if watch >= 0 and libc.inotify_add_watch(watch, os.fsencode(folder), _MADE | _MOVED_HERE | _ONLY_FOLDERS) < 0:
        os.close(watch)
        return -1
    return watch


def _listen(watch: int, end: int, told: Callable[[str], object]) -> None:
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    poll.register(end, select.POLLIN)
    while end not in {descriptor for descriptor, _ in poll.poll()}:
        for name in _names_in(os.read(watch, _PART)):
            told(name)


def _names_in(data: bytes) -> Iterator[str]:
    place = 0
    while place < len(data):
        _, _, _, length = _HEAD.unpack_from(data, place)
        place += _HEAD.size
        name = data[place : place + length].rstrip(b"\0")
        place += length
        if name:  # none where so much came at once that the kernel kept no list: the next look finds it
            yield os.fsdecode(name)
