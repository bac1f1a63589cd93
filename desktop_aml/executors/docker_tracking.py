"""How a run in a container reaches the tracking server: by a socket in its folder, with the server outside.

The server needs this program's own interpreter and the workspace, and a container has neither. What listens for it on
this computer is a process that outlives the engine, as the container does; see `inside_run/tracking_doorstep.py`.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Final

from desktop_aml.domain.jobs import Job, TrackingDoor
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.local_process import LAUNCHER, launcher_log
from desktop_aml.executors.warm.parents import launcher_env_vars
from desktop_aml.inside_run import tracking_doorstep

_log = logging.getLogger(__name__)

DOORSTEP: Final = LAUNCHER.parent / "tracking_doorstep.py"
RELAY: Final = LAUNCHER.parent / "tracking_relay.py"

_BEGIN_S: Final = 20.0
"""How long it may take until it listens; a healthy one needs less than 0.1 s."""


def begin(job: Job, wanted: TrackingDoor, files: AttemptFiles) -> TrackingDoor | None:
    """Begin to listen on this computer, and return what the launcher in the container is to open.

    None when nobody could listen: the run goes on without a server, and its log says where ``mlflow`` writes.
    """
    try:
        with launcher_log(files.folder.parents[1]) as log:
            subprocess.run(
                [sys.executable, "-I", "-S", str(DOORSTEP), str(files.folder)],
                input=json.dumps(asdict(wanted)).encode(),
                stdout=log,
                stderr=log,
                cwd="/",
                env=launcher_env_vars(),
                timeout=_BEGIN_S,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("The run %s is told of no tracking server: %s", job.run_id, error)
        return None
    return replace(
        wanted,
        command=(job.python, "-I", "-S", str(RELAY), str(files.folder / tracking_doorstep.SOCKET)),
        env_vars={},
        probe=str(files.folder / tracking_doorstep.PROBE),
    )
