"""The one guard that every HTTP request passes before anything else looks at it.

Deny by default: exact Host, no foreign page, the key, the size, the type. It must not read the body.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

FORBIDDEN_TWICE: Final = frozenset(
    {b"host", b"content-length", b"content-type", b"authorization", b"origin", b"transfer-encoding"}
)
MAX_ID_LENGTH: Final = 100
ID_HEADERS: Final = (b"x-request-id", b"x-ms-request-id", b"x-ms-client-request-id")


class Refusal(Exception):
    """An answer that ends a request early: HTTP status, words for the client, extra headers."""

    def __init__(self, status: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Route:
    """What a path takes.

    `open_to_all` routes need no key, so that a probe can ask. With `any_type` the body need not be JSON: what takes it
    looks at its type.
    """

    path: str
    methods: tuple[str, ...]
    takes_body: bool = False
    open_to_all: bool = False
    any_type: bool = False


@dataclass(slots=True)
class Guard:
    """The rules of one endpoint.

    Parameters
    ----------
    port : int
        Own port: the only one a Host header may name.
    keys : tuple of bytes
        Valid keys; empty when none is needed.
    """

    port: int
    routes: dict[str, Route]
    keys: tuple[bytes, ...]
    max_body_bytes: int

    def check(self, method: str, target: bytes, headers: dict[bytes, bytes], doubled: bytes) -> Route:
        """Return the route of a request, or raise the `Refusal`.

        Parameters
        ----------
        target : bytes
            The request target as sent, query included.
        headers : dict
            Lower-case names.
        doubled : bytes
            Name of a header that was sent twice though it may stand only once; empty when there is none.
        """
        if doubled:
            raise Refusal(400, f"The header {doubled.decode('latin-1')} was sent twice.")
        refuse_foreign(headers, self.port)
        route = self.routes.get(target.partition(b"?")[0].decode("latin-1"))
        if self.keys and not (route and route.open_to_all):
            self._check_key(headers)
        if route is None:
            raise Refusal(404, "Not found. The endpoint has / , /score and /swagger.json.")
        if method not in route.methods:
            raise Refusal(
                405, f"{route.path} takes {', '.join(route.methods)}.", (("Allow", ", ".join(route.methods)),)
            )
        for name in ID_HEADERS:
            if len(headers.get(name, b"")) > MAX_ID_LENGTH:
                raise Refusal(431, f"The header {name.decode()} is longer than {MAX_ID_LENGTH} characters.")
        self._check_body(route, method, headers)
        return route

    def _check_key(self, headers: dict[bytes, bytes]) -> None:
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        valid = [hmac.compare_digest(given, key) for key in self.keys]
        if scheme.lower() != b"bearer" or not any(valid):
            raise Refusal(401, "A valid key is needed: Authorization: Bearer KEY.", (("WWW-Authenticate", "Bearer"),))

    def _check_body(self, route: Route, method: str, headers: dict[bytes, bytes]) -> None:
        length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
        if length is not None and coding is not None:
            raise Refusal(400, "Content-Length and Transfer-Encoding exclude each other.")
        if coding is not None and coding.lower() != b"chunked":
            raise Refusal(501, "The only transfer coding understood is chunked.")
        if length is not None and (not length.isdigit() or len(length) > 15):
            raise Refusal(400, "Content-Length is no number.")
        if length is not None and int(length) > self.max_body_bytes:
            raise too_large(self.max_body_bytes)
        if b"upgrade" in headers:
            raise Refusal(400, "Upgrade is not supported.")
        if not (route.takes_body and method == "POST"):
            if coding is not None or (length is not None and int(length)):
                raise Refusal(400, f"{method} {route.path} takes no body.")
            return
        if length is None and coding is None:
            raise Refusal(411, "Content-Length is missing.")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refusal(415, "Send the body without Content-Encoding.")
        if not route.any_type:
            check_content_type(headers.get(b"content-type", b""))


@lru_cache(maxsize=16)
def _own_names(port: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
    names = (b"127.0.0.1", b"localhost", b"[::1]")
    with_port = frozenset(b"%s:%d" % (name, port) for name in names)
    return frozenset(names) | with_port, frozenset(b"http://" + name for name in with_port)


def refuse_foreign(headers: Mapping[bytes, bytes], port: int) -> None:
    """Raise a `Refusal` for what names another host than this computer at `port`, or comes from a foreign page.

    Parameters
    ----------
    headers : mapping
        Lower-case names.
    """
    hosts, origins = _own_names(port)
    host = headers.get(b"host")
    if host is None:
        raise Refusal(400, "The Host header is missing.")
    if host not in hosts:
        raise Refusal(421, f"This endpoint answers only as 127.0.0.1:{port} or localhost:{port}.")
    origin = headers.get(b"origin")
    if origin is not None and origin not in origins:
        raise Refusal(403, "Requests from other web pages are refused (Origin).")
    if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
        raise Refusal(403, "Requests from other web pages are refused (Sec-Fetch-Site).")


def too_large(limit: int) -> Refusal:
    """Return the refusal of a body over `limit` bytes."""
    return Refusal(413, f"The body is larger than {limit} bytes.")


def check_content_type(value: bytes) -> None:
    """Raise a `Refusal` unless the type is JSON in UTF-8."""
    kind, _, parameters = value.lower().partition(b";")
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    if kind.strip() != b"application/json" or charset not in (b"", b"charset=utf-8"):
        raise Refusal(415, "The body must be application/json.")
