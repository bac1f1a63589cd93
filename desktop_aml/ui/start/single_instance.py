"""A second start of the program raises the first one's window instead of opening its own."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QObject, Signal

from desktop_aml.system.locks import open_lock, try_lock

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

_CONNECT_MS: Final = 300
_STARTING_S: Final = 1.0
"""How long a first start may take from its lock to its socket; a second one waits that long for it."""
_STEP_S: Final = 0.02


class SingleInstance(QObject):
    """Knows whether the program is open already, and passes words from a second start to the first.

    A lock says at once which start is the first. The words go through a socket with the user's name for it, whose part
    of Qt is loaded only by a second start, and by the first one when its window is there.

    Parameters
    ----------
    name : str
        Of the socket.
    lock_file : Path
        In a folder of this user's; it is made.
    """

    words_arrived = Signal(str)

    def __init__(self, name: str, lock_file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._server: QLocalServer | None = None
        self._is_first = _is_free(lock_file)
        """None where no lock can be had."""

    def hand_over(self, words: str) -> bool:
        """Give `words` to a window that is open already; False when there is none."""
        if self._is_first:
            return False
        until = time.monotonic() + (0.0 if self._is_first is None else _STARTING_S)
        while not self._told(words):
            if time.monotonic() > until:
                # It hangs, or belongs to another display: a window of one's own is better than none.
                return False
            time.sleep(_STEP_S)
        return True

    def _told(self, words: str) -> bool:
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket(self)
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_CONNECT_MS):
            return False
        socket.write(QByteArray(words.encode()))
        socket.waitForBytesWritten(_CONNECT_MS)
        socket.disconnectFromServer()
        return True

    def listen(self) -> None:
        """Be the window that others are handed over to."""
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)

    def _on_server_new_connection(self) -> None:
        from PySide6.QtNetwork import QLocalSocket

        assert self._server is not None
        socket = self._server.nextPendingConnection()
        if socket.state() is QLocalSocket.LocalSocketState.UnconnectedState:
            self._take(socket)
        else:
            socket.disconnected.connect(lambda: self._take(socket))

    def _take(self, socket: QLocalSocket) -> None:
        words = bytes(socket.readAll().data()).decode("utf-8", "replace")
        socket.deleteLater()
        self.words_arrived.emit(words)


def _is_free(lock_file: Path) -> bool | None:
    """Take the lock for as long as this process lives; where none can be had, others are asked once."""
    with contextlib.suppress(OSError):
        lock_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return try_lock(open_lock(lock_file))
    return None
