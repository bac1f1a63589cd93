"""Sockets in folders of POSIX systems, for `local_sockets`."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.system.posix import files

if TYPE_CHECKING:
    import asyncio

assert sys.platform != "win32", "this module is of another system"


def new() -> socket.socket:
    """Return a stream socket of the family of Unix."""
    return socket.socket(socket.AF_UNIX)


def is_local(one: socket.socket) -> bool:
    """Whether it is of that family."""
    return one.family == socket.AF_UNIX


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Give the path through the descriptor of the folder; where there is no such place, the path itself."""
    if not files.BY_DESCRIPTOR:
        yield str(path)
        return
    folder = os.open(path.parent, files.FOLDER)
    try:
        yield f"{files.BY_DESCRIPTOR}/{folder}/{path.name}"
    finally:
        os.close(folder)


async def serve(
    meet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], path: str
) -> asyncio.AbstractServer:
    """Listen at a path."""
    # Imported here: most who know such sockets wait for none, and it is as much as the rest of a start.
    import asyncio

    return await asyncio.start_unix_server(meet, path)
