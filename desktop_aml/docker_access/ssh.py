"""A way to a Docker engine through ssh: its socket over there becomes a socket here."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.system import local_sockets, ssh

_OPEN_S: Final = 20.0
_LOOK_S: Final = 0.03
_END_S: Final = 3.0
_FAR_SOCKET: Final = "/var/run/docker.sock"
_OPTIONS: Final = (*ssh.QUIET, "-o", "ServerAliveInterval=15", "-o", "ExitOnForwardFailure=yes")


class Tunnel:
    """A socket of this computer that leads to a Docker engine on another.

    Parameters
    ----------
    host : str
        Such as ``ssh://me@server:2222``; a path after it is that of the socket over there.

    Raises
    ------
    MissingOnComputer
        When the computer cannot be reached or does not let this user in.
    """

    def __init__(self, host: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="desktop-aml-", ignore_cleanup_errors=True)
        self._socket = Path(self._folder.name) / "docker.sock"
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the tunnel
        try:
            self._process = self._start(host)
        except OSError as error:
            self._forget()
            raise _cannot(host, str(error)) from error
        try:
            self._wait(host)
        except MissingOnComputer:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Address of the socket on this computer."""
        return f"unix://{self._socket}"

    def close(self) -> None:
        """End the connection."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def _forget(self) -> None:
        self._errors.close()
        self._folder.cleanup()

    def _start(self, host: str) -> subprocess.Popen[bytes]:
        parts = urlsplit(host)
        words = [
            ssh.program(),
            *_OPTIONS,
            "-T",
            "-L",
            f"{self._socket}:{unquote(parts.path).rstrip('/') or _FAR_SOCKET}",
        ]
        if parts.username:
            words += ["-l", unquote(parts.username)]
        if parts.port:
            words += ["-p", str(parts.port)]
        # What runs over there ends when its input does, and its input ends with this process, however that ends.
        words += ["--", parts.hostname or "", "exec cat"]
        return subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._errors, start_new_session=True
        )

    def _wait(self, host: str) -> None:
        """Wait until the socket is there, which ssh makes when it has been let in."""
        pause, until = threading.Event(), time.monotonic() + _OPEN_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until:
                self._errors.seek(0)
                raise _cannot(host, self._errors.read(4000).decode("utf-8", "replace").strip())
            pause.wait(_LOOK_S)

    def _listens(self) -> bool:
        with local_sockets.new() as channel:
            return channel.connect_ex(str(self._socket)) == 0


def _cannot(host: str, reason: str) -> MissingOnComputer:
    last = reason.splitlines()[-1] if reason else "It does not answer."
    name = urlsplit(host).hostname or host
    return MissingOnComputer(
        f"The Docker engine at {host} cannot be reached through ssh: {last}",
        f"Check that this works without a question: ssh {name} docker version",
        details=reason,
    )
