"""Which builds the workspaces of this user need. Reads only; an unreadable workspace needs everything.

A build is needed by the newest built version of an environment (the next run would use it), by a run that has not
ended, by every version of a model, and by an endpoint, serving or stopped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.runs import RunState
from desktop_aml.environments.build_folder import key_of
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


def needs_of(workspaces: Iterable[Path]) -> Needs:
    """Return what the workspaces in these folders need; a folder that is no workspace any more needs nothing."""
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
                _read(db, folder, needs)
        except StorageError:
            needs.unread.append(str(path))
    return needs


def _read(db: Database, folder: WorkspaceFolder, needs: Needs) -> None:
    keys: dict[str, str] = {}
    newest: dict[str, str] = {}
    for built in environments.builds(db):
        keys[built.label] = newest[built.name] = built.key
        needs.labels[built.key].append(built.label)
    for name, key in newest.items():
        needs.add(f"newest of {name}", key)

    def of_label(label: str) -> str:
        return keys.get(label) or newest.get(label.partition(":")[0], "")

    for model in registry.all_models(db):
        needs.add(f"model {model.label}", model.environment_key, of_label(model.environment))
    for run_id, _ in runs.in_states(db, [state for state in RunState if not state.is_terminal()]):
        detail = runs.get(db, run_id)
        lock = environments.load_lock(db, detail.lock_hash)
        needs.add(f"run {run_id}", key_of(lock) if lock is not None else of_label(detail.summary.environment))
    for endpoint in registry.endpoints(db):
        # Its front goes on with the interpreter that it was given, whatever became of the environment since.
        served = config.read_struct(folder.endpoint(endpoint.name) / config.CONFIG_FILE, config.EndpointConfig)
        found = _KEY_IN_PATH.search(served.python) if served is not None else None
        needs.add(f"endpoint {endpoint.name}", found[1] if found else "", of_label(endpoint.environment))
