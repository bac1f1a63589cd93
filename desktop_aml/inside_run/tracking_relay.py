"""Carry a container's connections to the tracking server outside: ``tracking_relay.py SOCKET DESCRIPTOR``.

A door inside the container listens (see `tracking_door`), and this is what stands behind it: each connection is led
through a socket in the run's folder, which the container shares with the computer that it is on. So a container
without any network reaches the server, too. Standard library only, Python 3.6 or newer.
"""

import contextlib
import os
import socket
import sys
import threading

assert sys.platform != "win32", "this module is of POSIX systems"

_CHUNK = 1 << 16


def reached(path: str) -> "socket.socket":
    """Return a connection to a socket, however long its path is.

    Raises
    ------
    OSError
        When nobody listens there, or sockets do not reach through the folder.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The name of a socket has room for about 100 letters.
        folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
        try:
            made.connect("/proc/self/fd/{}/{}".format(folder, os.path.basename(path)))
        finally:
            os.close(folder)
    except OSError:
        made.close()
        raise
    return made


def carry(client: "socket.socket", path: str) -> None:
    """Carry one connection to its end."""
    with client:
        try:
            server = reached(path)
        except OSError:
            return  # the client sees that its connection ended, and asks again
        with server:
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _pump(source: "socket.socket", target: "socket.socket") -> None:
    with contextlib.suppress(OSError):
        while True:
            data = source.recv(_CHUNK)
            if not data:
                break
            target.sendall(data)
    # Either side may have ended; the other one is told.
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def main(path: str, descriptor: int) -> None:
    """Carry whoever connects, until this process is ended."""
    listener = socket.socket(fileno=descriptor)
    while True:
        client = listener.accept()[0]
        threading.Thread(target=carry, args=(client, path), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
