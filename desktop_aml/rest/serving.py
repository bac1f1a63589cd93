"""A tracking server for a whole workspace, in this process: for notebooks, other tools and MLflow's own commands."""

from __future__ import annotations

import errno
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.errors import Conflict
from desktop_aml.rest.server import TrackingServer
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker

_LOOK_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, and what its clients must send."""

    uri: str
    token: str


def listener_at(port: int) -> socket.socket:
    """Return a socket that listens on the loopback address; port 0 is any free one.

    Raises
    ------
    Conflict
        When the port is taken.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise Conflict(f"The port {port} cannot be had: {error.strerror}.", "Choose another: --port 0") from error
        raise
    return listener


def serve(workspace: Workspace, port: int, ready: Callable[[Address], None], stop: threading.Event) -> None:
    """Serve until `stop` is set; `ready` is told where.

    Raises
    ------
    Conflict
        When the port is taken.
    """
    token = secrets.token_urlsafe(32)
    tracker = Tracker(workspace)
    server = TrackingServer(listener_at(port), tracker, token)
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK_EVERY_S,), name="tracking")
    thread.start()
    try:
        ready(Address(f"http://127.0.0.1:{server.port}", token))
        stop.wait()
    finally:
        server.stop()
        thread.join()
        server.server_close()
        tracker.close()
