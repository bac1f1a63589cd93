"""The workspace's folder: where everything lies, and the ``config.json`` that makes a folder a workspace."""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.domain.errors import Conflict, NotFound, StorageError
from desktop_aml.domain.inside_paths import part
from desktop_aml.domain.names import title
from desktop_aml.domain.values import dataclass
from desktop_aml.store.database import FILE_NAME
from desktop_aml.system.files import write_durably

if TYPE_CHECKING:
    from desktop_aml.store.blobs import BlobStore

OWN_NAMES = (
    "requests",
    "runs",
    "blobs",
    "models",
    "environments",
    "endpoints",
    "datasets",
    "datastores",
    "experiments",
    "locks",
    "azureml",
    "backups",
    "engine.lock",
    "queue.paused",
    FILE_NAME,
    f"{FILE_NAME}-wal",
    f"{FILE_NAME}-shm",
    f"{FILE_NAME}-journal",
    "full-text.db",
    "full-text.db-wal",
    "full-text.db-shm",
)
"""What a workspace holds of its own, beside its ``config.json`` and whatever the user keeps in the same folder."""

CONFIG_NAMES = (".azureml/config.json", "config.json")


@dataclass(frozen=True, slots=True)
class WorkspaceIdentity:
    """Who a workspace is, in Azure ML's words. Subscription and resource group mean nothing on this computer.

    Parameters
    ----------
    is_passing : bool
        Whether it was made for a demo or the sample, and is never meant by a command that names none.
    id : str
        What tells it from all others, wherever it lies; empty for one of an earlier version.
    """

    name: str
    subscription_id: str = ""
    resource_group: str = ""
    location: str = ""
    is_passing: bool = False
    id: str = ""

    @property
    def scope(self) -> str:
        """Azure's address of the workspace."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.name}"
        )

    def experiment_id(self, experiment: str) -> str:
        """Return the identifier of an experiment: always the same for a name in a workspace."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.subscription_id}/{self.name}/{experiment}"))


@lru_cache(maxsize=1024)
def _of_run(root: Path, run_id: str) -> Path:
    # Asked for many times a second of each run that goes on.
    return part(root / "runs", run_id)


@dataclass(frozen=True, slots=True)
class WorkspaceFolder:
    """Paths of one workspace. Nothing here is made before it is needed."""

    root: Path

    @property
    def config(self) -> Path:
        """The Azure-compatible description of the workspace."""
        return self.root / "config.json"

    @property
    def database(self) -> Path:
        """The index of everything below."""
        return self.root / FILE_NAME

    @property
    def full_text(self) -> Path:
        """The index of words in logs and source; it may be removed, and is made again."""
        return self.root / "full-text.db"

    @property
    def owner_lock(self) -> Path:
        """Held by the engine that owns the workspace."""
        return self.root / "engine.lock"

    @property
    def requests(self) -> Path:
        """The spool of requests from other processes."""
        return self.root / "requests"

    @property
    def pause_mark(self) -> Path:
        """There while queued runs are to wait."""
        return self.root / "queue.paused"

    @property
    def blobs(self) -> BlobStore:
        """Content-addressed files."""
        from desktop_aml.store.blobs import BlobStore

        return BlobStore(self.root / "blobs" / "sha256")

    def run(self, run_id: str) -> Path:
        """Folder of one run."""
        return _of_run(self.root, run_id)

    def endpoint(self, name: str) -> Path:
        """Folder of one endpoint."""
        return part(self.root / "endpoints", name)

    def endpoint_source(self, name: str, mark: str) -> Path:
        """Folder that lists the copied source of one deployment of an endpoint."""
        return part(self.endpoint(name) / "source", mark)

    def environment(self, name: str, version: int) -> Path:
        """Folder that holds the specification and the build log of one version of an environment."""
        return part(self.root / "environments", name) / str(version)

    def model(self, name: str, version: int) -> Path:
        """Folder that describes one version of a model."""
        return part(self.root / "models", name) / str(version)

    def dataset(self, name: str, version: int) -> Path:
        """Folder that describes one version of a dataset."""
        return part(self.root / "datasets", name) / str(version)

    def datastore(self, name: str) -> Path:
        """Folder that holds the files of a datastore."""
        return part(self.root / "datastores", name)

    def shared_with_runs(self) -> tuple[Path, ...]:
        """Return the folders in which runs find their data and leave it, made where there was none yet."""
        folders = (self.root / "datastores", self.root / "inputs")
        for folder in folders:
            folder.mkdir(mode=0o700, exist_ok=True)
        return folders

    @property
    def side_files(self) -> Path:
        """What Azure ML code keeps with a workspace beyond runs, models and environments."""
        return self.root / "azureml"

    def name(self) -> str:
        """Return the name written in ``config.json``, else the folder's."""
        return self.identity().name

    def identity(self) -> WorkspaceIdentity:
        """Return what ``config.json`` says; without one the folder's name stands for all."""
        try:
            config = json.loads(self.config.read_bytes())
            return WorkspaceIdentity(
                name=str(config.get("workspace_name") or self.root.name),
                subscription_id=str(config.get("subscription_id") or ""),
                resource_group=str(config.get("resource_group") or ""),
                location=str(config.get("location") or ""),
                is_passing=config.get("passing") is True,
                id=str(config.get("desktop_aml_id") or ""),
            )
        except (OSError, ValueError, AttributeError):
            return WorkspaceIdentity(self.root.name)

    def captures(self) -> bool:
        """Whether runs are captured here, unless they say otherwise: what plain scripts do is recorded."""
        return self._configured().get("capture") is not False

    def set_captures(self, *, wanted: bool) -> None:
        """Have the runs of this workspace captured from now on, or not.

        Raises
        ------
        StorageError
            When ``config.json`` cannot be written.
        """
        try:
            write_durably(self.config, json.dumps({**self._configured(), "capture": wanted}, indent=2).encode() + b"\n")
        except OSError as error:
            raise StorageError(
                f"“{self.config}” cannot be written: {error.strerror}.", "Give yourself access to this file."
            ) from error

    def _configured(self) -> dict[str, object]:
        try:
            found = json.loads(self.config.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def is_workspace(self) -> bool:
        """Whether the folder is a workspace of ours, not merely a place with a configuration of Azure's."""
        return self.config.is_file() and self.requests.is_dir()

    def make(
        self,
        name: str,
        *,
        subscription_id: str = "",
        resource_group: str = "",
        location: str = "",
        is_passing: bool = False,
    ) -> None:
        """Turn the folder into a workspace called `name`; see `WorkspaceIdentity` for the rest.

        Raises
        ------
        Conflict
            When it is one already.
        StorageError
            When it cannot be written.
        """
        if self.config.exists():
            raise Conflict(f"“{self.root}” is a workspace already.", "Open it, or choose another folder.")
        try:
            # A folder that was there keeps the permissions that its user gave it.
            self.root.parent.mkdir(parents=True, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            for part in ("requests", "runs", "blobs", "models", "environments", "endpoints"):
                (self.root / part).mkdir(mode=0o700, exist_ok=True)
            body = {
                "subscription_id": subscription_id or str(uuid.uuid4()),
                "resource_group": resource_group or "desktop-aml",
                "workspace_name": title(name) or self.root.name,
                "desktop_aml_id": uuid.uuid4().hex,
                **({"location": location} if location else {}),
                **({"passing": True} if is_passing else {}),
            }
            write_durably(self.config, json.dumps(body, indent=2).encode() + b"\n")
        except OSError as error:
            raise StorageError(
                f"No workspace can be made in “{self.root}”: {error.strerror}.",
                "Choose a folder that you may write in.",
            ) from error

    def check(self) -> None:
        """Raise `NotFound` when the folder is not a workspace."""
        if not self.config.is_file():
            raise NotFound(
                f"“{self.root}” is not a workspace: it holds no config.json.",
                f'Make one with: desktop-aml workspace create "{self.root}"',
            )


def find_upwards(start: Path) -> Path | None:
    """Return the nearest workspace at or above `start`, found by ``config.json`` or ``.azureml/config.json``.

    A configuration that only names a workspace of Azure, with no database or spool beside it, is passed over.
    """
    for folder in (start, *start.parents):
        for name in CONFIG_NAMES:
            config = folder / name
            if config.is_file() and (folder / "requests").is_dir():
                return folder
    return None
