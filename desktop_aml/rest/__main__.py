"""Start the server of one run: ``python -m desktop_aml.rest WORKSPACE RUN_ID DESCRIPTOR``.

The launcher of the run starts it once a client connects, hands it the listening socket and,
in its environment, the token, and ends it with the run.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from pathlib import Path

from desktop_aml.rest.server import TrackingServer
from desktop_aml.system.end_signals import event_of_end
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker

TOKEN = "DESKTOP_AML_TRACKING_TOKEN"  # noqa: S105 - the name of a variable


def main(path: str, run_id: str, descriptor: int) -> int:
    """Serve until this process is asked to end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s tracking server %(levelname)s %(message)s")
    # Not for the engines that may be started from here.
    token = os.environ.pop(TOKEN, "")
    if not token:
        return 2
    listener = socket.socket(fileno=descriptor)
    listener.set_inheritable(False)
    workspace = Workspace.open(Path(path))
    workspace.leave_work()
    tracker = Tracker(workspace, run_id)
    server = TrackingServer(listener, tracker, token)

    stop = event_of_end()

    def end() -> None:
        stop.wait()
        server.stop()

    threading.Thread(target=end, daemon=True).start()
    # A script can take the name of a socket in its folder away: whoever ends the server would wake nobody.
    server.serve_forever(poll_interval=60.0 if server.port else 1.0)
    tracker.close()
    workspace.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
