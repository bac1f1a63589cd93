"""Which client gives way to another one when there are too many."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock, create_autospec

from desktop_aml.serving.app import ROUTES
from desktop_aml.serving.connection import Connection
from desktop_aml.serving.guard import Guard, Refusal
from desktop_aml.serving.request import Request

ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Clients:
    """Up to two clients at once, on a clock that stands still between them."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._open: set[Connection] = set()
        self.now = 0.0
        asyncio.get_running_loop().time = lambda: self.now  # type: ignore[method-assign]

    def come(self) -> tuple[Connection, Mock]:
        """Connect one more, a second after the one before."""
        self.now += 1
        guard = Guard(80, ROUTES, (), 1)
        client = Connection(lambda: guard, self.asked.append, self._refuse, self._open, 2)
        transport = create_autospec(asyncio.Transport, instance=True)
        transport.get_write_buffer_size.return_value = 0
        client.connection_made(transport)
        return client, transport

    def _refuse(self, request: Request, refusal: Refusal) -> None:
        request.respond(refusal.status, b"")


def test_who_was_answered_just_now_is_not_the_one_that_gives_way() -> None:
    async def meet() -> None:
        clients = Clients()
        first, of_first = clients.come()
        first.data_received(ASKED)
        _, of_second = clients.come()
        clients.now += 1
        clients.asked[0].respond(200, b"{}")
        clients.come()
        assert (of_first.close.called, of_second.close.called) == (False, True)

    asyncio.run(meet())


def test_who_takes_its_answer_slowly_stays_under_the_limits_of_time() -> None:
    async def meet() -> None:
        clients = Clients()
        first, of_first = clients.come()
        first.data_received(ASKED)
        clients.asked[0].respond(200, b"{}")
        of_first.get_write_buffer_size.return_value = 2
        first.pause_writing()
        _, of_second = clients.come()
        clients.come()
        assert (of_first.close.called, of_second.close.called) == (False, True)

    asyncio.run(meet())
