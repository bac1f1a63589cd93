"""The address that MLflow's clients in a run are told: open as long as the run, with the server behind it on demand.

The launcher listens, and the kernel tells it of the first client by SIGIO, which it takes like the other signals that
it waits for: no process stands behind the door of a run that asks nothing. A child then becomes the tracking server,
which inherits the listening socket. When the server dies, clients wait at the socket and the next child serves them.
Standard library only, Python 3.6 or newer.
"""

import fcntl
import os
import select
import sys
import time

assert sys.platform != "win32", "this module is of POSIX systems"

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    import socket
    from typing import Any

    from desktop_aml.inside_run import next_signal
    from desktop_aml.inside_run.next_signal import WATCHED_SIGNALS
    from desktop_aml.inside_run.process_tree import PR_SET_PDEATHSIG, prctl
else:
    import next_signal
    from lean import signal, socket
    from next_signal import WATCHED_SIGNALS
    from process_tree import PR_SET_PDEATHSIG, prctl

MARK = b"DESKTOP_AML_DOOR"
"""Marks the server, and the engines that it may start, as no part of the run: they end when they like."""

URI = b"MLFLOW_TRACKING_URI"
TOLD = b"DESKTOP_AML_TRACKING_URI"
"""The same address: what a script starts can tell that it is this run's and nobody's choice."""

_QUICK_S = 2.0
_TRIES = 5
"""A server that ends within `_QUICK_S` this often in a row will do so again: the run goes on without it."""

_END_S = 5.0
"""How long a server may take to answer who is connected before it is killed; the end of the run waits for it."""


class Door:
    """Listens for the clients of one run.

    Parameters
    ----------
    command : list of bytes
        The words that start the server; the number of the socket's descriptor is added.
    env_vars : dict of bytes to bytes
        Variables of the server beside those of this process.
    listener : socket, optional
        What clients connect to, listening; without it a port of the loopback address.
    """

    def __init__(
        self, command: "list[bytes]", env_vars: "dict[bytes, bytes]", listener: "socket.socket | None" = None
    ) -> None:
        self._command = command
        self.mark = os.urandom(16).hex().encode()
        self._env_vars = {**os.environb, **env_vars, MARK: self.mark}
        self._listener = _port() if listener is None else listener
        self.pid = 0
        """The server; 0 for none."""
        self._started_at = 0.0
        self._quick_ends = 0
        self._is_open = True

    def address(self) -> bytes:
        """Return what clients are told."""
        return b"http://127.0.0.1:%d" % self._listener.getsockname()[1]

    def wait(self) -> None:
        """Have SIGIO tell this process, which must have blocked it, of the next client; one that is there is served."""
        fcntl.fcntl(self._listener.fileno(), fcntl.F_SETOWN, os.getpid())
        self._set_telling(os.O_ASYNC)
        self.knocked()

    def knocked(self) -> None:
        """Begin to serve, where a client is there; where no process can be had, the run goes on without its server."""
        if self.pid or not self._is_open or not select.select([self._listener], [], [], 0)[0]:
            return
        try:
            # First: the flag belongs to what the server inherits, and this process would be told of each connection.
            self._set_telling(0)
            self._serve()
        except OSError:
            self._give_up()

    def _set_telling(self, flag: int) -> None:
        descriptor = self._listener.fileno()
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~os.O_ASYNC | flag)

    def _serve(self) -> None:
        parent = os.getpid()
        self._started_at = time.monotonic()
        self.pid = os.fork()
        if self.pid:
            return
        try:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            for number in WATCHED_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            if os.getppid() == parent:
                descriptor = self._listener.fileno()
                os.set_inheritable(descriptor, True)
                words = [*self._command, b"%d" % descriptor]
                os.execve(words[0], words, self._env_vars)  # noqa: S606 - no shell is wanted
        finally:
            os._exit(127)

    def _give_up(self) -> None:
        self._is_open = False
        self._listener.close()

    def ended(self, pid: int) -> bool:
        """Whether the process that ended was the server; another one then takes its place when there is a client."""
        if pid != self.pid:
            return False
        self.pid = 0
        if self._is_open:
            is_quick = time.monotonic() - self._started_at < _QUICK_S
            self._quick_ends = self._quick_ends + 1 if is_quick else 0
            if self._quick_ends < _TRIES:
                self.wait()
            else:
                self._give_up()
        return True

    def close(self) -> None:
        """End the server, once it has answered who is connected, and let the address go."""
        self._is_open = False
        self._listener.close()
        pid, self.pid = self.pid, 0
        if not pid:
            return
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + _END_S
        while time.monotonic() < until:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
            next_signal.wait([signal.SIGCHLD], time.monotonic() + 0.05)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _port() -> "socket.socket":
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    made.listen(128)
    return made


def door_of(wanted: "dict[str, Any]", listener: "socket.socket | None" = None) -> Door:
    """Return the door that is described as a job's `tracking` is, which nobody waits behind yet."""
    return Door(
        [word.encode("utf-8", "surrogateescape") for word in wanted["command"]],
        {
            name.encode("utf-8", "surrogateescape"): text.encode("utf-8", "surrogateescape")
            for name, text in wanted["env_vars"].items()
        },
        listener,
    )


def opened(wanted: "dict[str, Any]", env_vars: "dict[bytes, bytes]") -> "Door | None":
    """Open the door that a job asks for, and tell the script of it in its variables; None when it cannot be opened."""
    try:
        if wanted.get("probe"):
            # From a container sockets reach outside only where it shares more than files with the computer it is on.
            if TYPE_CHECKING:
                from desktop_aml.inside_run.tracking_relay import reached
            else:
                from tracking_relay import reached  # here, as it needs much more of the standard library
            reached(wanted["probe"]).close()
        door = door_of(wanted)
        door.wait()
    except OSError:
        return None
    env_vars.update({name.encode(): text.encode() for name, text in wanted["script"].items()})
    env_vars[URI] = env_vars[TOLD] = door.address()
    return door
