"""The tracking server's side of a run in a container: ``tracking_doorstep.py ATTEMPT_FOLDER``, told by its input.

It listens at a socket in the attempt's folder, which the container shares, and stays when the engine goes away: as long
as the attempt, whose launcher cannot do it from inside the container. It ends with code 0 once it listens; what goes on
is a child in a session of its own. Standard library only.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import time

SOCKET = "tracking.sock"
PROBE = "reach.sock"
"""Whoever can connect to it can connect to the other one, too, where a connection starts the server."""

assert sys.platform != "win32", "this module is of POSIX systems"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from desktop_aml.inside_run import next_signal
    from desktop_aml.inside_run.tracking_door import door_of
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    import next_signal
    from tracking_door import door_of

_LOOK_S = 0.25


def listening_at(name: str) -> "socket.socket":
    """Return a socket that listens in the current folder; whatever had its name there is gone."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.path.lexists(name):
        os.unlink(name)
    before = os.umask(0o177)
    try:
        made.bind(name)
    finally:
        os.umask(before)
    made.listen(128)
    return made


def is_over(folder: str) -> bool:
    """Whether nobody in the container will ask any more: the launcher has left its record, or was given up."""
    return os.path.lexists(os.path.join(folder, "exit.json")) or not os.path.lexists(os.path.join(folder, "job.json"))


def stand(folder: str, wanted: "dict[str, Any]") -> None:
    """Listen, and have the server started by its first client, until the attempt is over."""
    os.chdir(folder)
    probe, listener = listening_at(PROBE), listening_at(SOCKET)
    if os.fork():
        os._exit(0)
    os.setsid()
    watched = (signal.SIGCHLD, signal.SIGIO)
    signal.pthread_sigmask(signal.SIG_SETMASK, watched)
    door = door_of(wanted, listener)
    door.wait()
    while not is_over(folder):
        number = next_signal.wait(watched, time.monotonic() + _LOOK_S)
        if number == signal.SIGIO:
            door.knocked()
        elif number:
            # There is no child before the first client.
            with contextlib.suppress(ChildProcessError):
                door.ended(os.waitpid(-1, os.WNOHANG)[0] or -1)
    probe.close()
    door.close()
    for name in (PROBE, SOCKET):
        # The script can have put anything in their place, or taken the folder away.
        with contextlib.suppress(OSError):
            os.unlink(name)


if __name__ == "__main__":
    stand(sys.argv[1], json.load(sys.stdin))
