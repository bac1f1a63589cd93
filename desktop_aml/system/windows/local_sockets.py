"""Sockets in folders on Windows, for `local_sockets`: the system has them, Python not."""

from __future__ import annotations

import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from desktop_aml.system.missing import NotOnThisSystem

if TYPE_CHECKING:
    import asyncio

assert sys.platform == "win32", "this module is of another system"


def new() -> NoReturn:
    """Raise."""
    raise NotOnThisSystem("A socket in a folder")


def is_local(one: socket.socket) -> bool:
    """Return False: there are none."""
    del one
    return False


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Give the path itself: there is no other one."""
    yield str(path)


async def serve(
    meet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], path: str
) -> asyncio.AbstractServer:
    """Raise."""
    del meet
    raise NotOnThisSystem(f"A socket in a folder ({path})")
