"""Copies of files that take no more room than they must: they share blocks where the file system can, and keep holes.

A copy that shares blocks (``FICLONE``) is a file of its own: what is written into either is never seen in the other. A
hard link is not, and is never made here.
"""

from __future__ import annotations

import os
import sys
from typing import Final

if sys.platform == "linux":
    import fcntl

_FICLONE: Final = 0x40049409
_BLOCK: Final = 64 << 10
_ZEROS: Final = bytes(_BLOCK)


def share_blocks(source: int, target: int) -> bool:
    """Let an empty file have the content of another one without copying it; return whether the disk can do that.

    Parameters
    ----------
    source, target : int
        Descriptors, open for reading and for writing.
    """
    if sys.platform == "linux":
        try:
            fcntl.ioctl(target, _FICLONE, source)
        except OSError:
            return False
        else:
            return True
    else:
        return False


def write_sparsely(target: int, chunk: bytes) -> None:
    """Write at the present place of a descriptor; blocks of nothing but zeros become holes. End with `end_sparsely`."""
    view = memoryview(chunk)
    for start in range(0, len(chunk), _BLOCK):
        block = view[start : start + _BLOCK]
        if block == _ZEROS[: len(block)]:
            os.lseek(target, len(block), os.SEEK_CUR)
            continue
        while block:
            block = block[os.write(target, block) :]


def end_sparsely(target: int) -> None:
    """Give a file that ends in a hole its size."""
    os.ftruncate(target, os.lseek(target, 0, os.SEEK_CUR))
