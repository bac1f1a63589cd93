"""Where the nodes that a batch system starts call: by TLS, and with a ticket that is good once for each part."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY

_FIRST_WORDS_S: Final = 10.0
_PARTS: Final = frozenset(("machine", "porter"))
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Call:
    """One that called and had a ticket.

    Parameters
    ----------
    part : str
        ``machine`` for the node itself, ``porter`` for what carries out runs there.
    node : str
        What the node calls itself.
    number : str
        The address that it called from.
    """

    part: str
    node: str
    number: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


Taker = Callable[[Call], Awaitable[None]]


@dataclass(slots=True)
class Door:
    """Listens, for as long as the cluster is there.

    Parameters
    ----------
    home : Path
        Folder of the cluster, with its key.
    host : str
        Where to listen: what nodes call this computer.
    """

    home: Path
    host: str
    port: int = 0
    _server: asyncio.Server | None = None
    _takers: dict[str, tuple[set[str], Taker]] = field(default_factory=dict)

    async def open(self) -> None:
        """Begin to listen."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.home / CERTIFICATE, self.home / KEY)
        self._server = await asyncio.start_server(
            self._meet, self.host, 0, ssl=context, ssl_handshake_timeout=_FIRST_WORDS_S
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    def ticket(self, taker: Taker) -> str:
        """Return a new ticket; whoever comes with it is given to `taker`, and is let go of when that returns."""
        made = secrets.token_hex(32)
        self._takers[made] = (set(_PARTS), taker)
        return made

    def void(self, ticket: str) -> None:
        """Let nobody in with a ticket any more."""
        self._takers.pop(ticket, None)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), _FIRST_WORDS_S)
            told = json.loads(line)
            parts, taker = self._takers[told["ticket"]]
            part, node = str(told["part"]), str(told["node"])[:200]
            parts.remove(part)
        except (OSError, ValueError, KeyError, TypeError, TimeoutError):
            writer.close()
            return
        _notice_silence(writer.get_extra_info("socket"))
        try:
            await taker(Call(part, node, writer.get_extra_info("peername")[0], reader, writer))
        except OSError:
            pass  # the node is gone, which its end tells
        finally:
            writer.close()

    def close(self) -> None:
        """Let nobody in any more."""
        self._takers.clear()
        if self._server is not None:
            self._server.close()


def _notice_silence(plain: Any) -> None:
    """Have the system end a connection whose other side is gone without a word."""
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class CalledLine:
    """A call as a `porters.lines.Line`: threads write and read, while the loop passes on.

    Parameters
    ----------
    how : callable
        Returns how the machine was lost, in words; called in a thread, and may wait for it.
    """

    errors = None

    def __init__(self, how: Callable[[], str]) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._how = how
        self.to = cast(BinaryIO, self._ours.makefile("wb"))
        self.news = cast(BinaryIO, self._ours.makefile("rb"))

    async def pass_on(self, call: Call) -> None:
        """Pass on what is said here and there, until one of them has ended."""
        reader, writer = await asyncio.open_connection(sock=self._theirs)
        ways = {
            asyncio.ensure_future(_pump(call.reader, writer)),
            asyncio.ensure_future(_pump(reader, call.writer)),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        writer.close()

    def cut(self) -> None:
        """End it at once."""
        self._ours.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Say no more; what is over there ends with that."""
        self._ours.shutdown(socket.SHUT_WR)

    def how_lost(self, _said: str) -> str:
        """Return how the machine was lost."""
        return self._how()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_PIECE):
            target.write(data)
            await target.drain()
    except OSError:
        return
