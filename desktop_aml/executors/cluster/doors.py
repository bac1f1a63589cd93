"""Where the holder of a cluster is met: a socket in a folder of the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DOOR: Final = "door"
HOLDER_LOCK: Final = "holder.lock"
HOLDER_LOG: Final = "holder.log"


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Yield another path to a socket: its own may be longer than the about 100 bytes that sockets allow."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
