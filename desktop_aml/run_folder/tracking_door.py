"""How a run on this computer reaches the tracking server, and what its script is told of it."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from desktop_aml.domain.jobs import TrackingDoor
from desktop_aml.domain.runs import RunSummary
from desktop_aml.inside_run.site.desktop_aml_run import mlflow_folder

TOKEN: Final = "DESKTOP_AML_TRACKING_TOKEN"  # noqa: S105 - the name of a variable
"""Variable in which the server finds what its clients must send."""

_SERVERS: Final = ("DESKTOP_AML_HOME",)


def of_run(workspace: Path, run: RunSummary, env_vars: Mapping[str, str]) -> TrackingDoor | None:
    """Return how the script of a run reaches the tracking server; None when somebody named another one for it."""
    run_directory = env_vars.get("DESKTOP_AML_RUN_DIR", "")
    if env_vars.get(mlflow_folder.VARIABLE) != mlflow_folder.uri(run_directory):
        return None
    token = secrets.token_urlsafe(32)
    return TrackingDoor(
        command=(sys.executable, "-P", "-m", "desktop_aml.rest", str(workspace), run.id),
        env_vars={TOKEN: token, **{name: os.environ[name] for name in _SERVERS if name in os.environ}},
        script={
            "MLFLOW_RUN_ID": run.id,
            "MLFLOW_EXPERIMENT_NAME": run.experiment,
            "MLFLOW_TRACKING_TOKEN": token,
        },
    )
