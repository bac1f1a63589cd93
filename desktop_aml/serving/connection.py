"""One HTTP/1.1 connection: parse, limit, keep the order of pipelined answers. It knows no route and no model."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

import httptools

from desktop_aml.serving.guard import FORBIDDEN_TWICE, Guard, Refusal, too_large
from desktop_aml.serving.request import Request

HEAD_TIMEOUT_S: Final = 5.0
BODY_IDLE_S: Final = 10.0
BODY_TOTAL_S: Final = 60.0
KEEP_ALIVE_S: Final = 75.0
WRITE_STALL_S: Final = 30.0
LINGER_S: Final = 2.0
MAX_HEAD_BYTES: Final = 16 << 10
MAX_TARGET_BYTES: Final = 8 << 10
MAX_HEADERS: Final = 100
MAX_PIPELINED: Final = 64
_SLICE: Final = 4 << 10


class Connection(asyncio.Protocol):
    """Protocol of one client.

    Parameters
    ----------
    guard : callable
        Gives the guard in force.
    handle : callable
        Takes each complete request that the guard let pass.
    refuse : callable
        Answers a request that may not pass.
    connections : set of Connection
        All open ones; it joins and leaves by itself.
    """

    def __init__(
        self,
        guard: Callable[[], Guard],
        handle: Callable[[Request], None],
        refuse: Callable[[Request, Refusal], None],
        connections: set[Connection],
        limit: int,
    ) -> None:
        self._guard = guard
        self._handle = handle
        self._refuse = refuse
        self._connections = connections
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._parser: Any = None
        self._pending: deque[Request] = deque()
        self._request: Request | None = None
        self._doubled = b""
        self._header_count = 0
        self._head_bytes = 0
        self._in_head = False
        self._in_body = False
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._body_expected = 0
        self._body_until = 0.0
        self._backlog = b""
        self._deaf = False
        self._ended = False
        self._stalled = False
        self._paused = False
        self.deadline = self._active_at = 0.0

    # -- asyncio -------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the open connections, or refuse when there are too many that wait for an answer."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self.deadline = self._loop.time() + HEAD_TIMEOUT_S
        self._active_at = self._loop.time()
        self._connections.add(self)
        if len(self._connections) > self._limit and not self._make_room():
            self._refuse_connection(Refusal(503, "Too many connections.", (("Retry-After", "1"),)))

    def _make_room(self) -> bool:
        """Close the one that is owed nothing and was silent longest: who sends next to nothing keeps nobody out."""
        others = self._connections - {self}
        longest = min(others, key=Connection.silent_since, default=self)
        if longest.silent_since() == math.inf or longest is self:
            return False
        longest.give_way()
        return True

    def silent_since(self) -> float:
        """Return when a client that is owed nothing last sent or got something; infinite where an answer is owed.

        One that has not taken the whole of its answer is owed it: closed here, it would be out of sight of all limits.
        """
        is_owed = self._pending or self._transport.get_write_buffer_size()
        return math.inf if is_owed else self._active_at

    def give_way(self) -> None:
        """Leave the place among the open connections to another one."""
        self._connections.discard(self)
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the requests that are still here: nobody waits for them."""
        self._connections.discard(self)
        self._deaf = True
        self._pending.clear()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived."""
        self._active_at = self._loop.time()
        self._backlog += data
        self._parse()

    def _parse(self) -> None:
        """Parse what is here, until too many requests of this client wait for an answer."""
        data, at = self._backlog, 0
        while at < len(data) and not self._deaf and len(self._pending) < MAX_PIPELINED:
            # A head is looked at in small pieces, because the parser keeps an endless header to itself.
            size = max(_SLICE, self._body_expected - self._body_bytes) if self._in_body else _SLICE
            piece = data[at : at + size]
            at += len(piece)
            self._feed(piece)
        self._backlog = b"" if self._deaf else data[at:]
        if self._backlog:
            self._pause()
        if self._ended and not self._is_owed():
            self._transport.close()
        if self._in_body:
            self.deadline = min(self._loop.time() + BODY_IDLE_S, self._body_until)

    def eof_received(self) -> bool:
        """Keep the way back open while answers are owed."""
        self._ended = True
        return self._is_owed()

    def _is_owed(self) -> bool:
        """Whether a client that sends no more still waits for answers."""
        if self._backlog and not self._deaf:
            return True
        if self._in_head or self._in_body or not self._pending:
            return False
        self._deaf = True
        self._pending[-1].keep_alive = False
        return True

    def pause_writing(self) -> None:
        """Stop reading from a client that does not take its answers."""
        self._stalled = True
        self.deadline = self._loop.time() + WRITE_STALL_S
        self._pause()

    def resume_writing(self) -> None:
        """Read on."""
        self._stalled = False
        self.deadline = self._loop.time() + KEEP_ALIVE_S
        self._resume()

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _feed(self, piece: bytes) -> None:
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._refuse_connection(Refusal(400, "Upgrade is not supported."))
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if not isinstance(cause, Refusal):
                raise
            self._refuse_connection(cause)
        except httptools.HttpParserError:
            self._refuse_connection(Refusal(400, "The request is not valid HTTP/1.1."))
        if self._in_head and not self._deaf:
            self._head_bytes += len(piece)
            if self._head_bytes > MAX_HEAD_BYTES + _SLICE:
                self._refuse_connection(Refusal(431, f"The headers are larger than {MAX_HEAD_BYTES} bytes."))

    # -- parser --------------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self._deaf:
            return
        self._request = Request(self)
        self._in_head = True
        self._doubled = b""
        self._header_count = self._head_bytes = 0
        self.deadline = self._loop.time() + HEAD_TIMEOUT_S

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target."""
        if self._request is not None:
            self._request.target += url
            if len(self._request.target) > MAX_TARGET_BYTES:
                raise Refusal(414, f"The address is longer than {MAX_TARGET_BYTES} bytes.")

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """Take one header."""
        if self._request is None:
            return
        name = name.lower()
        if name in FORBIDDEN_TWICE and name in self._request.headers:
            self._doubled = name
        self._header_count += 1
        if self._header_count > MAX_HEADERS:
            raise Refusal(431, f"More than {MAX_HEADERS} headers.")
        self._request.headers[name] = value or b""

    def on_headers_complete(self) -> None:
        """Ask the guard, before any of the body is kept."""
        request = self._request
        if request is None or self._deaf:
            return
        self._in_head = False
        request.method = self._parser.get_method().decode("latin-1")
        request.keep_alive = self._parser.should_keep_alive()
        if self._parser.get_http_version() not in ("1.1", "1.0"):
            raise Refusal(505, "Only HTTP/1.1 is understood.")
        if not request.target.startswith(b"/"):
            raise Refusal(400, "The address must be a path.")
        self._pending.append(request)
        headers = request.headers
        has_body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
        try:
            request.route = self._guard().check(request.method, request.target, headers, self._doubled)
        except Refusal as refusal:
            # Without a body the connection is still in step; with one, reading on would only cost.
            if has_body or refusal.status in (400, 411):
                request.keep_alive = False
                self._deaf = True
            self._request = None
            self._refuse(request, refusal)
            return
        if has_body:
            self._begin_body(request)

    def _begin_body(self, request: Request) -> None:
        self._in_body = True
        self._body, self._body_bytes = [], 0
        self._body_expected = int(request.headers.get(b"content-length", b"0"))
        now = self._loop.time()
        self._body_until = now + BODY_TOTAL_S
        self.deadline = now + BODY_IDLE_S
        if request.headers.get(b"expect", b"").lower() == b"100-continue" and len(self._pending) == 1:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, up to the limit."""
        if self._request is None or self._deaf:
            return
        self._body.append(body)
        self._body_bytes += len(body)
        limit = self._guard().max_body_bytes
        if self._body_bytes > limit:
            raise too_large(limit)

    def on_message_complete(self) -> None:
        """Hand the request over."""
        request, self._request = self._request, None
        self._in_body = False
        if request is None or self._deaf:
            return
        request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        self._deaf = not request.keep_alive
        # From here the time limit of scoring counts, not one of the connection.
        self.deadline = self._loop.time() + 86_400.0
        self._handle(request)

    # -- answers -------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Send the answers that are ready, in the order of their requests."""
        pending = self._pending
        while pending and pending[0].response is not None:
            request = pending.popleft()
            self._active_at = self._loop.time()
            self._transport.write(cast("bytes", request.response))
            if not request.keep_alive:
                pending.clear()
                self._close_gently()
                return
        if self._paused and not self._stalled and len(pending) < MAX_PIPELINED // 2:
            self._resume()
            if self._backlog:
                # Not from here: the parser may be what called.
                self._loop.call_soon(self._parse)
        if not pending and not (self._in_head or self._in_body or self._stalled):
            self.deadline = self._loop.time() + KEEP_ALIVE_S

    def _refuse_connection(self, refusal: Refusal) -> None:
        """Answer what cannot be read any further, then close."""
        if self._deaf:
            return
        self._deaf = True
        self._in_head = self._in_body = False
        request = self._request or Request(self)
        self._request = None
        request.keep_alive = False
        if request not in self._pending:
            self._pending.append(request)
        self._refuse(request, refusal)

    def _close_gently(self) -> None:
        # Closing at once while the client still sends would reset the connection and lose the answer.
        self._deaf = True
        self.deadline = self._loop.time() + LINGER_S
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._resume()
            self._transport.write_eof()
        else:
            self._transport.close()

    def close_if_late(self, now: float) -> None:
        """Close when the client let a time limit pass. The front calls this for all connections every half second."""
        if now < self.deadline:
            return
        if (self._in_head or self._in_body) and not self._deaf:
            self._refuse_connection(Refusal(408, "The request did not arrive in time."))
        else:
            self._transport.abort() if self._stalled else self._transport.close()

    def close_when_idle(self) -> bool:
        """Close unless an answer is still owed; return whether it is closed."""
        if self._pending:
            self._pending[-1].keep_alive = False
            return False
        self._transport.close()
        return True
