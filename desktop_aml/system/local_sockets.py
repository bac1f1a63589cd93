"""Sockets in folders, which only programs of this computer reach, and only those that may enter the folder."""

from __future__ import annotations

import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

if sys.platform == "win32":
    from desktop_aml.system.windows import local_sockets as own
else:
    from desktop_aml.system.posix import local_sockets as own


def new() -> socket.socket:
    """Return a socket that can be connected to, or bound to, a path.

    Raises
    ------
    NotOnThisSystem
        Where Python has no such sockets.
    """
    return own.new()


def is_local(one: socket.socket) -> bool:
    """Whether a socket is of this kind."""
    return own.is_local(one)


def short_path(path: Path) -> AbstractContextManager[str]:
    """Give another path to a socket: its own may be longer than the about 100 bytes that sockets allow.

    Raises
    ------
    OSError
        When the socket's folder is gone.
    """
    return own.short_path(path)


async def serve(
    meet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], path: str
) -> asyncio.AbstractServer:
    """Listen at a path, and call `meet` with each connection; raises as `new`."""
    return await own.serve(meet, path)
