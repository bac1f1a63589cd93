"""Deployments under way: kept beside the endpoint, so that the next engine finishes what one that ended had begun."""

from __future__ import annotations

import json
import logging
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.requests import DeployModel
from desktop_aml.engine.core import spool
from desktop_aml.serving import config
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import make_missing, read_regular

_FILE: Final = "deploying.json"
_log = logging.getLogger(__name__)


def note(folder: WorkspaceFolder, request: DeployModel) -> None:
    """Keep a deployment until `forget`.

    Raises
    ------
    StorageError
        When it cannot be written.
    """
    place = folder.endpoint(request.name)
    make_missing(place, within=folder.root)
    kept = PortablePaths(str(folder.root)).kept(json.loads(spool.encode(request)))
    config.write_private(place / _FILE, json.dumps(kept).encode())


def read(folder: WorkspaceFolder, name: str) -> DeployModel | None:
    """Return the deployment that was begun and not finished, or None."""
    try:
        kept = json.loads(read_regular(folder.endpoint(name) / _FILE))
        request = spool.decode(json.dumps(PortablePaths(str(folder.root)).here(kept)).encode())
    except OSError:
        return None
    except (ValueError, DesktopAMLError) as error:
        _log.warning("The deployment of %s that was under way cannot be read: %s", name, error)
        return None
    return request if isinstance(request, DeployModel) and request.name == name else None


def forget(folder: WorkspaceFolder, name: str) -> None:
    """The deployment is finished, has failed, or is no longer wanted."""
    try:
        (folder.endpoint(name) / _FILE).unlink(missing_ok=True)
    except OSError as error:
        _log.warning("The deployment of %s would be taken up again by the next engine: %s", name, error)
