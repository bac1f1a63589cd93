"""Deployments under way: kept beside the endpoint, so that the next engine finishes what one that ended had begun."""

from __future__ import annotations

import logging
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.requests import DeployModel
from desktop_aml.engine import spool
from desktop_aml.serving import config
from desktop_aml.store.folder import WorkspaceFolder

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
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.write_private(place / _FILE, spool.encode(request))


def read(folder: WorkspaceFolder, name: str) -> DeployModel | None:
    """Return the deployment that was begun and not finished, or None."""
    try:
        request = spool.decode((folder.endpoint(name) / _FILE).read_bytes())
    except OSError:
        return None
    except DesktopAMLError as error:
        _log.warning("The deployment of %s that was under way cannot be read: %s", name, error)
        return None
    return request if isinstance(request, DeployModel) and request.name == name else None


def forget(folder: WorkspaceFolder, name: str) -> None:
    """The deployment is finished, has failed, or is no longer wanted."""
    (folder.endpoint(name) / _FILE).unlink(missing_ok=True)
