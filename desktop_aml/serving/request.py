"""One request of a client, and its answer as the bytes of HTTP/1.1."""

from __future__ import annotations

import time
import uuid
from http import HTTPStatus
from typing import Final, Protocol

from desktop_aml.serving.guard import MAX_ID_LENGTH, Route

_JSON: Final = "application/json"
_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


class Sender(Protocol):
    """Who sends the answers."""

    def flush(self) -> None:
        """Send those that are ready, in the order of their requests."""


class Request:
    """One request and the place of its answer in the order of the connection."""

    __slots__ = (
        "begun",
        "body",
        "connection",
        "headers",
        "keep_alive",
        "method",
        "request_id",
        "response",
        "route",
        "rows",
        "target",
    )

    def __init__(self, connection: Sender) -> None:
        self.connection = connection
        self.begun = time.perf_counter()
        self.method = ""
        self.target = b""
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.route: Route | None = None
        self.rows: int | None = None
        self.keep_alive = True
        self.response: bytes | None = None
        self.request_id = b""

    def respond(self, status: int, body: bytes, kind: str = _JSON, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Give the answer. It is sent as soon as those before it are; of a second answer nothing is sent."""
        if self.response is not None:
            return
        extra = "".join(f"{name}: {value}\r\n" for name, value in headers)
        if not self.keep_alive:
            extra += "connection: close\r\n"
        head = (
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\ncontent-type: {kind}\r\n"
            f"content-length: {len(body)}\r\n{self._ids()}{extra}\r\n"
        )
        self.response = head.encode("latin-1") + (b"" if self.method == "HEAD" else body)
        self.connection.flush()

    def _ids(self) -> str:
        sent = self.headers.get
        request_id = self.request_id = _clean(sent(b"x-request-id")) or str(uuid.uuid4()).encode()
        client_id = _clean(sent(b"x-ms-client-request-id"))
        legacy = _clean(sent(b"x-ms-request-id")) or client_id or request_id
        ids = b"x-request-id: %s\r\nx-ms-request-id: %s\r\n" % (request_id, legacy)
        if client_id:
            ids += b"x-ms-client-request-id: %s\r\n" % client_id
        return ids.decode("ascii")


def _clean(value: bytes | None) -> bytes:
    """Return an id that may be echoed, or nothing."""
    if value and len(value) <= MAX_ID_LENGTH and value.isascii() and value.decode("ascii").isprintable():
        return value
    return b""
