"""The HTTP server: one thread a connection, on the loopback address, every request past one guard.

The guard looks at Host, origin and token before anything of the body is read. Files go through in pieces.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import json
import logging
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import IO, Any, Final, cast
from urllib.parse import unquote

from desktop_aml.rest import artifacts, parts, routes
from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import RestError, from_any
from desktop_aml.serving.guard import FORBIDDEN_TWICE, Refusal, refuse_foreign
from desktop_aml.system import local_sockets
from desktop_aml.system.peers import process_at
from desktop_aml.workspace.tracking.tracker import Tracker

_log = logging.getLogger(__name__)

PROTOCOL_VERSION: Final = "2.22.0"
"""The release of MLflow whose protocol is spoken, for those who ask; newer parts are told by their own routes."""

_MAX_BODY_BYTES: Final = 16 << 20
_MAX_CONNECTIONS: Final = 128
_CHUNK: Final = 1 << 20
_CODES: Final = {400: "BAD_REQUEST", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 421: "PERMISSION_DENIED"}


class TrackingServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Answers MLflow's clients.

    Parameters
    ----------
    listener : socket
        Bound to a loopback address, or to a name in a run's folder, and listening.
    token : str
        What every request must carry.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, tracker: Tracker, token: str) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.tracker = tracker
        self.token = token.encode()
        self.port: int = 0 if local_sockets.is_local(listener) else listener.getsockname()[1]
        """0 for a socket in a folder: whoever reaches that came by another port, in a container."""
        self._places = threading.BoundedSemaphore(_MAX_CONNECTIONS)

    def stop(self) -> None:
        """Have `serve_forever` return at once, however long its looks are; from any other thread."""
        ending = threading.Thread(target=self.shutdown, daemon=True)
        ending.start()
        while ending.is_alive():
            # It sleeps until somebody connects.
            with contextlib.suppress(OSError), socket.socket(self.socket.family) as awaking:
                awaking.settimeout(1.0)
                awaking.connect(self.socket.getsockname())
            ending.join(0.02)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection a thread, while there are not too many."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        """Note what ended a connection early; mostly its client."""
        _log.info("A connection ended early.", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 300.0
    wbufsize = -1
    server_version = "desktop-aml"
    sys_version = ""

    def setup(self) -> None:
        """Have answers sent at once, where there is a network at all."""
        super().setup()
        if cast("TrackingServer", self.server).port:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        self._unread = self._length_of_body()
        self._has_begun = False
        try:
            path, _, query = self.path.partition("?")
            self._guard(path)
            if path == "/health":
                self._send(200, b"OK", "text/plain")
            elif path == "/version":
                self._send(200, PROTOCOL_VERSION.encode(), "text/plain")
            elif path == "/" and self.command == "GET":
                self._send(200, routes.NO_PAGES.encode(), "text/plain")
            elif path.startswith(routes.FILES) and self.command in {"GET", "PUT"}:
                self._file(_decoded(path.removeprefix(routes.FILES)))
            elif path.startswith(routes.PARTS) and self.command == "PUT":
                self._part(_decoded(path.removeprefix(routes.PARTS)), Arguments.of_query(query))
            elif path in {artifacts.OF_RUNS, artifacts.OF_VERSIONS} and self.command == "GET":
                tracker = cast("TrackingServer", self.server).tracker
                self._send_file(*artifacts.opened_by_name(tracker, path, Arguments.of_query(query)))
            elif path in artifacts.UPLOAD and self.command == "POST":
                self._upload(Arguments.of_query(query))
            else:
                self._send_json(200, self._call(_decoded(path), query))
        except (ConnectionError, TimeoutError):
            raise  # the connection itself
        except Exception as error:
            if self._has_begun:
                # A second answer would be taken for the rest of the first one.
                raise
            self._refuse(from_any(error))

    def _guard(self, path: str) -> None:
        """Refuse what is not from a client of ours, before anything else is looked at."""
        server = cast("TrackingServer", self.server)
        if self.headers.defects or self.headers.get_payload():
            # Python's reader takes the lines behind one that is no header for something else, the length among them.
            self.close_connection = True
            raise RestError("BAD_REQUEST", "A line among the headers is no header.")
        for name in FORBIDDEN_TWICE:
            if len(self.headers.get_all(name.decode(), [])) > 1:
                raise RestError("BAD_REQUEST", f"The header {name.decode()} was sent twice.")
        found = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in self.headers.items()}
        try:
            refuse_foreign(found, server.port or _port_in(found.get(b"host", b"")))
        except Refusal as refusal:
            _log.warning("Refused: %s", refusal.message)
            raise RestError(_CODES.get(refusal.status, "BAD_REQUEST"), refusal.message, status=refusal.status) from None
        if path not in routes.OPEN and not _is_known(self.headers.get("authorization", ""), server.token):
            raise RestError("UNAUTHENTICATED", "A valid token is needed: set MLFLOW_TRACKING_TOKEN.")
        if self._unread is None:
            raise RestError("BAD_REQUEST", "The length of the body is not told in one plain way.")

    def _length_of_body(self) -> int | None:
        """Return how many bytes follow, -1 for chunks; None when that cannot be told."""
        length, coding = self.headers.get("content-length"), self.headers.get("transfer-encoding")
        if coding is not None:
            return -1 if coding.lower() == "chunked" and length is None else None
        if length is None:
            return 0
        return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None

    def _call(self, path: str, query: str) -> Mapping[str, object]:
        found = routes.find(self.command, path)
        if found is None:
            raise RestError("ENDPOINT_NOT_FOUND", routes.words_for_none(self.command, path))
        answer, named = found
        body = b"".join(self._body(_MAX_BODY_BYTES))
        if body and self.headers.get_content_type() != "application/json":
            # Pages of other sites can send every other kind without being asked for leave.
            raise RestError("BAD_REQUEST", "Bad Request. Content-Type must be one of ['application/json'].")
        arguments = Arguments.of_body(body) if body else Arguments.of_query(query)
        server = cast("TrackingServer", self.server)
        # In a container every process is one of the run.
        port = self.client_address[1] if server.port else 0
        return answer(
            Asked(
                server.tracker,
                arguments,
                named,
                lambda: process_at(port, server.port) if port else 0,
                self.headers.get("host", ""),
                self.headers.get("authorization", ""),
            )
        )

    def _file(self, path: str) -> None:
        tracker = cast("TrackingServer", self.server).tracker
        if self.command == "PUT":
            self._receive(tracker, *artifacts.place_of(tracker, path))
        else:
            self._send_file(artifacts.opened(tracker, path), path.rpartition("/")[2])

    def _upload(self, named: Arguments) -> None:
        tracker = cast("TrackingServer", self.server).tracker
        place = artifacts.named_place(tracker, named)
        if not self._unread:
            raise RestError("INVALID_PARAMETER_VALUE", "Request must specify data.")
        self._receive(tracker, *place)

    def _receive(self, tracker: Tracker, run_id: str, inside: str) -> None:
        with tracker.artifacts.receiving(run_id, inside) as stream:
            for chunk in self._body():
                stream.write(chunk)
        tracker.uploaded(run_id)
        self._send_json(200, {})

    def _part(self, path: str, named: Arguments) -> None:
        tracker = cast("TrackingServer", self.server).tracker
        with tracker.parts.receiving(*parts.place_of_part(tracker, path, named)) as part:
            for chunk in self._body():
                part.write(chunk)
        self._head(200, 2, "application/json")
        self.send_header("ETag", f'"{part.mark}"')
        self.end_headers()
        self.wfile.write(b"{}")

    def _send_file(self, opened: IO[bytes], name: str) -> None:
        with opened as source:
            size = source.seek(0, 2)
            first, last = self._range(size)
            kind, disposition = artifacts.told_of(name)
            self._head(200 if last - first == size else 206, last - first, kind)
            self.send_header("Content-Disposition", disposition)
            if last - first != size:
                self.send_header("Content-Range", f"bytes {first}-{last - 1}/{size}")
            self.end_headers()
            source.seek(first)
            # As much as was said: a script may write to the file, or shorten it, meanwhile.
            while first < last and (data := source.read(min(_CHUNK, last - first))):
                self.wfile.write(data)
                first += len(data)
            self.close_connection = self.close_connection or first < last

    def _range(self, size: int) -> tuple[int, int]:
        """Return the part of a file that is asked for; all of it for whatever is not understood."""
        kind, _, words = self.headers.get("range", "").partition("=")
        first, dash, last = words.strip().partition("-")
        if kind != "bytes" or not dash or not (first + last).isdigit():
            return 0, size
        if not first:
            return max(0, size - int(last)), size
        end = min(size, int(last) + 1) if last else size
        return (int(first), end) if int(first) < end else (0, size)

    def _body(self, most: int | None = None) -> Iterator[bytes]:
        """Give the body in pieces.

        Raises
        ------
        RestError
            When it is longer than `most`, or ends early.
        """
        taken = 0
        for chunk in self._chunks() if self._unread == -1 else self._plain():
            taken += len(chunk)
            if most is not None and taken > most:
                raise RestError("BAD_REQUEST", f"The body is larger than {most} bytes.", status=413)
            yield chunk

    def _plain(self) -> Iterator[bytes]:
        while self._unread:
            chunk = self.rfile.read(min(_CHUNK, self._unread))
            if not chunk:
                self.close_connection = True
                raise RestError("BAD_REQUEST", "The body ended early.")
            self._unread -= len(chunk)
            yield chunk

    def _chunks(self) -> Iterator[bytes]:
        while True:
            size = self.rfile.readline(32).split(b";")[0].strip()
            if not size or len(size) > 8 or size.strip(b"0123456789abcdefABCDEF"):
                raise RestError("BAD_REQUEST", "The body is not chunked as it says.")
            left = int(size, 16)
            if left == 0:
                while self.rfile.readline(1024) not in {b"\r\n", b"\n", b""}:
                    pass
                self._unread = 0
                return
            while left:
                chunk = self.rfile.read(min(_CHUNK, left))
                if not chunk:
                    raise RestError("BAD_REQUEST", "The body ended early.")
                left -= len(chunk)
                yield chunk
            self.rfile.readline(8)

    def _refuse(self, error: RestError) -> None:
        self._send_json(error.status, {"error_code": error.code, "message": error.message})

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - http.server's signature
        """Refuse what is no request that could be looked at in the form of all other refusals."""
        self._unread = 0
        self.close_connection = True
        # Of what could not be read it is not known which version it speaks, and an answer without a head is none.
        self.request_version = self.protocol_version
        self._refuse(RestError(_CODES.get(code, "BAD_REQUEST"), f"{message or 'No request'}.", status=code))

    def _send_json(self, status: int, body: Mapping[str, object]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self._head(status, len(body), kind)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, length: int, kind: str) -> None:
        if self._unread != 0:
            # What is not read would be taken for the next request.
            self.close_connection = True
        self._has_begun = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Note nothing of ordinary requests."""


def _decoded(path: str) -> str:
    """Return a path with its percent signs read, once."""
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise RestError("BAD_REQUEST", "The address is no UTF-8.") from None


def _port_in(host: bytes) -> int:
    port = host.rpartition(b":")[2]
    return int(port) if port.isdigit() and len(port) < 6 else 0


def _is_known(header: str, token: bytes) -> bool:
    """Whether a header holds the token, as MLflow's client sends it: as Bearer, or as the password of Basic."""
    scheme, _, given = header.partition(" ")
    sent = given.strip().encode("latin-1", "replace")
    if scheme.lower() == "basic":
        try:
            sent = base64.b64decode(sent, validate=True).partition(b":")[2]
        except (ValueError, binascii.Error):
            return False
    elif scheme.lower() != "bearer":
        return False
    return bool(token) and hmac.compare_digest(sent, token)
