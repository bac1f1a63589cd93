"""The modules that lay beside the script which trained a model: its classes may come from there."""

from __future__ import annotations

import logging
import shutil
from pathlib import PurePosixPath
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError, NotFound
from desktop_aml.domain.inside_paths import inside
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.engine.core.context import Desk
from desktop_aml.run_folder import snapshot
from desktop_aml.store import runs
from desktop_aml.store.folder import WorkspaceFolder

_log = logging.getLogger(__name__)

MODULES_FOLDER: Final = "modules"


def script_of(desk: Desk, models: tuple[ModelVersion, ...]) -> str:
    """Return the path, in its run's source, of the script that trained one model; empty when no run did."""
    run_id = models[0].run_id if len(models) == 1 else ""
    try:
        return runs.get(desk.db, run_id).summary.script if run_id else ""
    except NotFound:
        return ""


def lay_out(folder: WorkspaceFolder, endpoint: str, models: tuple[ModelVersion, ...], script: str) -> tuple[str, ...]:
    """Copy the modules of a model's run into the folder of an endpoint, and return where to look for them.

    Parameters
    ----------
    script : str
        What `script_of` returned.

    Returns
    -------
    tuple of str
        The folder in which the script looked first, and the source's own; empty when there is nothing beside the
        script. A model that needs no module is served all the same when they cannot be copied.
    """
    place = folder.endpoint(endpoint) / MODULES_FOLDER
    shutil.rmtree(place, ignore_errors=True)
    if not script:
        return ()
    try:
        files = snapshot.manifest(folder.run(models[0].run_id))
        modules = [file for file in files if file.path.endswith(".py")]
        if all(file.path == script for file in modules):
            return ()
        for file in modules:
            folder.blobs.copy_out(file.sha256, inside(place, file.path))
    except (DesktopAMLError, OSError) as error:
        _log.warning("The modules beside %s are not at hand for the endpoint %s: %s", script, endpoint, error)
        return ()
    return tuple(dict.fromkeys((str(place / PurePosixPath(script).parent), str(place))))
