"""Which builds the workspaces of this user need. Reads only; an unreadable workspace needs everything.

A build is needed by the newest built version of an environment (the next run would use it), by a run that has not
ended, by every version of a model, and by an endpoint, serving or stopped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.runs import RunState
from desktop_aml.environments.build.folder import key_of
from desktop_aml.serving import config
from desktop_aml.store import environments, registry, runs
from desktop_aml.store.database import CURRENT_SCHEMA, Database
from desktop_aml.store.folder import WorkspaceFolder

_KEY_IN_PATH = re.compile(r"/([0-9a-f]{64})/")


@dataclass(slots=True)
class Needs:
    """What is known of builds, by their keys."""

    labels: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reasons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unread: list[str] = field(default_factory=list)

    def add(self, reason: str, *keys: str) -> None:
        """Note why builds are needed; an empty key is none."""
        for key in keys:
            if key:
                self.reasons[key].append(reason)

    def of_image(self, key: str, image_id: str) -> tuple[list[str], list[str]]:
        """Return the labels and the reasons of an image, which is known by the beginning of its key."""
        labels = [label for known, found in self.labels.items() if known.startswith(key) for label in found]
        reasons = [why for known, found in self.reasons.items() if known.startswith(key) for why in found]
        return labels, reasons + self.reasons.get(image_id, [])


KeyOfImage = Callable[[EnvironmentVersion], str]


def needs_of(workspaces: Iterable[Path], key_of_image: KeyOfImage | None = None) -> Needs:
    """Return what the workspaces in these folders need; a folder that is no workspace any more needs nothing.

    Parameters
    ----------
    key_of_image : callable, optional
        Returns the key of the image of a version, empty when there is none. Without it, nothing of images is known
        but what runs and endpoints tell.
    """
    needs = Needs()
    for path in workspaces:
        folder = WorkspaceFolder(path)
        if not folder.database.is_file():
            continue
        try:
            with Database(folder.database, read_only=True) as db:
                version = db.one("PRAGMA user_version")
                if version is None or version[0] != CURRENT_SCHEMA:
                    needs.unread.append(str(path))
                    continue
                _read(db, folder, needs, key_of_image)
        except StorageError:
            needs.unread.append(str(path))
    return needs


class _Keys:
    """The builds of one workspace's environments, by what is written in its records."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._of_label: dict[str, str] = {}
        self.newest: dict[str, str] = {}

    def add(self, name: str, label: str, key: str) -> None:
        """Take in the build of a version; the oldest of a name comes first."""
        self._of_label[label] = self.newest[name] = key
        self._needs.labels[key].append(label)

    def of(self, label: str) -> str:
        """Return the key that ``name:version`` or a bare name means; empty when there is none."""
        return self._of_label.get(label) or self.newest.get(label.partition(":")[0], "")


def _keys_of_images(db: Database, needs: Needs, key_of_image: KeyOfImage | None) -> _Keys:
    found = _Keys(needs)
    for summary in environments.summaries(db) if key_of_image else ():
        for version in reversed(environments.versions(db, summary.name)):
            key = key_of_image(version) if key_of_image else ""
            if key:
                found.add(version.name, version.label, key)
    return found


def _read(db: Database, folder: WorkspaceFolder, needs: Needs, key_of_image: KeyOfImage | None) -> None:
    local = _Keys(needs)
    for built in environments.builds(db):
        if built.is_deleted:
            continue  # its build goes with the next cleaning, unless something else needs it
        local.add(built.name, built.label, built.key)
    images = _keys_of_images(db, needs, key_of_image)
    for known in (local, images):
        for name, key in known.newest.items():
            needs.add(f"newest of {name}", key)

    def of_label(label: str) -> tuple[str, str]:
        return local.of(label), images.of(label)

    for model in registry.all_models(db):
        needs.add(f"model {model.label}", model.environment_key, *of_label(model.environment))
    for run_id, _ in runs.in_states(db, [state for state in RunState if not state.is_terminal()]):
        detail = runs.get(db, run_id)
        lock = environments.load_lock(db, detail.lock_hash)
        needs.add(f"run {run_id}", *((key_of(lock),) if lock is not None else of_label(detail.summary.environment)))
    for endpoint in registry.all_endpoints(db):
        # Its front goes on with the interpreter that it was given, whatever became of the environment since.
        served = config.find_config(folder.endpoint(endpoint.name))
        found = _KEY_IN_PATH.search(served.python) if served is not None else None
        image = served.image.rpartition(":")[2] if served is not None else ""
        needs.add(f"endpoint {endpoint.name}", found[1] if found else "", image, *of_label(endpoint.environment))
