"""Files of the builds folder: written whole, and locks that die with whoever holds them."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import BuildCanceled
from desktop_aml.system import locks
from desktop_aml.system.files import used_bytes, write_durably

COMPILED: Final = "compiled.json"
"""Written into a build when its bytecode is complete; holds its size."""

_WAIT_S: Final = 0.1


def write_whole(path: Path, text: str) -> None:
    """Write a file, and its folder where there is none; after a power cut it holds the old content or the new."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path, text.encode())


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it; nothing happens when it is absent."""
    for _ in range(3):
        # A process that is being ended may still write behind the first pass.
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
    shutil.rmtree(folder)


@contextmanager
def exclusive(path: Path, cancel: threading.Event, on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock file at `path`; yield its descriptor for processes that must keep it held if we die.

    A killed builder therefore blocks nobody, except as long as its installer still writes. The file goes on the way
    out.

    Raises
    ------
    BuildCanceled
        When `cancel` is set while another holds it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = False
    while True:
        descriptor = locks.open_lock(path)
        if _is_mine(path, descriptor):
            break
        os.close(descriptor)
        if not told:
            on_wait()
            told = True
        if cancel.wait(_WAIT_S):
            raise BuildCanceled("The build was canceled.")
    try:
        yield descriptor
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


@contextmanager
def exclusive_if_free(path: Path) -> Iterator[int | None]:
    """Hold the lock file at `path`, as `exclusive` does, when nobody else does; else yield None at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = locks.open_lock(path)
    is_mine = _is_mine(path, descriptor)
    try:
        yield descriptor if is_mine else None
    finally:
        if is_mine:
            path.unlink(missing_ok=True)
        os.close(descriptor)


def folder_size(folder: Path) -> int:
    """Return how much of the disk a folder takes, in bytes; a file with several names in it counts once."""
    seen: set[int] = set()
    total = 0
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            try:
                found = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - ten thousand files: twice as quick
            except FileNotFoundError:
                continue
            if found.st_ino not in seen:
                seen.add(found.st_ino)
                total += used_bytes(found)
    return total


def known_size(folder: Path) -> int | None:
    """Return the size of a build in bytes, as it was when its bytecode was complete; None before that."""
    try:
        return int(json.loads((folder / COMPILED).read_bytes())["size_bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_mine(path: Path, descriptor: int) -> bool:
    try:
        # The holder before us may have removed the file: a lock on a file without a name guards nothing.
        return locks.try_lock(descriptor) and path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
