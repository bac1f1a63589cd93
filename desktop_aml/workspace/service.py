"""What every service of a workspace stands on: reading for itself, and asking the engine for what it wants changed."""

from __future__ import annotations

from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.engine_client import EngineClient


class Service:
    """One noun of a workspace.

    Parameters
    ----------
    client : EngineClient
        Of the workspace; its services share it.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client

    @property
    def _db(self) -> Database:
        return self._client.db

    @property
    def _folder(self) -> WorkspaceFolder:
        return self._client.folder
