"""Manifests: the folders of runs, models and environments describe themselves; the database is an index of them.

`keep` writes what the database says of one thing into the workspace's folders, and takes away what it no longer says.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from msgspec import to_builtins

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.inside_paths import part, really_inside
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.values import dataclass
from desktop_aml.run_folder import nested_runs
from desktop_aml.store import datasets, documents, environments, files_read, registry, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import rows
from desktop_aml.store.record.kinds import SCHEMA, RecordKind, label_of
from desktop_aml.system.files import make_missing, write_durably

_log = logging.getLogger(__name__)
REQUEST: Final = "request.json"
RUN: Final = "run.json"
IMPORTED: Final = "imported.json"
"""What `RUN` was in the workspace that an imported run comes from."""
ENVIRONMENT: Final = "environment.json"
MODEL: Final = "model.json"
DATASET: Final = "dataset.json"
NAME: Final = "name.json"
ENDPOINT: Final = "record.json"
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,199}")
_PATHS = (
    "arguments",
    "command",
    "source_directory",
    "env_vars",
    "definition",
    "files",
    "files_read",
    "handle",
    "parameters",
    "documents",
)
"""What may hold paths into the workspace; all else is told in words of the user, and stays as it is."""


def write_request(folder: WorkspaceFolder, request: SubmitRun) -> None:
    """Keep what was asked for in the run's folder, before it is asked."""
    _write(folder, folder.run(request.run_id) / REQUEST, asdict(request))


def keep(db: Database, folder: WorkspaceFolder, kind: str, key: str) -> None:
    """Write what the database says of a thing into its manifest, or remove what is left of a thing that is gone.

    Raises
    ------
    StorageError
        When its folder leads out of the workspace.
    OSError
        When it cannot be written.
    """
    _KEEPERS[RecordKind(kind)](db, folder, key)


def read(root: Path, text: bytes) -> dict[str, Any]:
    """Return what a manifest says, with the paths that the workspace in `root` has now.

    Raises
    ------
    ValueError
        When it is no JSON, or not what a manifest is.
    """
    body = json.loads(text)
    if not isinstance(body, dict):
        raise ValueError("This is no manifest.")  # noqa: TRY004 - to the caller it is a wrong text
    portable = PortablePaths(str(root))
    return {key: portable.here(value) if key in _PATHS else value for key, value in body.items()}


def file_of(name: str) -> str:
    """Return the name of the file that describes what has any name at all, such as an experiment."""
    if _PLAIN.fullmatch(name):
        return f"{name}.json"
    return f"_{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value of a manifest that is JSON text already, in ASCII."""

    text: str


def text_of(root: Path, body: Mapping[str, Any]) -> bytes:
    """Return a manifest as it is written, see `read`."""
    portable = PortablePaths(str(root))

    def line(key: str, value: Any) -> str:
        text = value.text if isinstance(value, Encoded) else json.dumps(value)
        # The values are walked through only where the text shows that it is of use: most manifests hold no such path.
        if key in _PATHS and portable.may_change(text):
            text = json.dumps(portable.kept(json.loads(text) if isinstance(value, Encoded) else value))
        return f"{json.dumps(key)}: {text}"

    # A line for each key: only without indentation json takes its quick way, and many are written while runs go on.
    lines = [line(key, value) for key, value in {"schema": SCHEMA, **body}.items()]
    return "{{\n {}\n}}\n".format(",\n ".join(lines)).encode()


def _write(folder: WorkspaceFolder, path: Path, body: Mapping[str, Any]) -> None:
    write_durably(path, text_of(folder.root, body))


def _write_own(folder: WorkspaceFolder, path: Path, body: Mapping[str, Any]) -> None:
    """Write a manifest whose folder is made for it."""
    make_missing(path.parent, within=folder.root)
    _write(folder, path, body)


def _remove(path: Path) -> None:
    """Remove a manifest, and the folder of a version that held nothing else."""
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def _run(db: Database, folder: WorkspaceFolder, run_id: str) -> None:
    place = folder.run(run_id)
    if runs.is_over(db, run_id) is None:
        # Deleted. Where the engine was ended before the folder went, it goes now; one that describes no run is being
        # prepared for a new run under this id.
        if os.path.lexists(place / RUN) or (place.is_symlink() and not place.exists()):
            nested_runs.remove(folder, run_id)
        return
    if not place.is_dir():
        # Somebody removed the folder of a run: there is no place to describe it in.
        _log.debug("The folder of the run %s is gone; it is not described there.", run_id)
        return
    _write(folder, really_inside(folder.root / "runs", place) / RUN, run_body(db, run_id))


def run_body(db: Database, run_id: str) -> dict[str, Any]:
    """Return what the manifest of a run says, for `text_of`.

    Raises
    ------
    NotFound
        When there is no run with this id.
    """
    handle, nonce, _ = runs.attempt_of(db, run_id)
    body = {
        **to_builtins(runs.get(db, run_id)),
        "order": rows.order_of(db, run_id),
        "handle": handle,
        "nonce": nonce,
        "artifacts": to_builtins(runs.artifacts(db, run_id)),
        "files_read": to_builtins(files_read.of_run(db, run_id)),
        "files_read_to": files_read.position(db, run_id),
        "files_read_more": files_read.has_more(db, run_id),
        "documents": Encoded(documents.text_of_run(db, run_id)),
        "journal": rows.journals(db, run_id),
    }
    sweep = rows.sweep(db, run_id)
    if sweep is not None:
        body["sweep"] = sweep
    return body


def _experiment(db: Database, folder: WorkspaceFolder, name: str) -> None:
    path = folder.root / "experiments" / file_of(name)
    found = rows.experiment(db, name)
    if found is None:
        path.unlink(missing_ok=True)
    else:
        _write_own(folder, path, asdict(found))


def _lock(db: Database, folder: WorkspaceFolder, digest: str) -> None:
    body = rows.lock(db, digest)
    if body is not None:
        # As text: its name is the hash of these very letters.
        _write_own(folder, part(folder.root / "locks", f"{digest}.json"), {"body": body})


def _environment(db: Database, folder: WorkspaceFolder, key: str) -> None:
    name, version = label_of(key)
    path = folder.environment(name, version) / ENVIRONMENT
    found = environments.kept(db, name, version)
    if found is None:
        _remove(path)
        return
    build, shelf = rows.standing(db, name, version), rows.shelved(db, name, version)
    _write_own(folder, path, {**asdict(found), "build": asdict(build), "shelf": asdict(shelf)})


def _model(db: Database, folder: WorkspaceFolder, key: str) -> None:
    name, version = label_of(key)
    path = folder.model(name, version) / MODEL
    try:
        _write_own(folder, path, asdict(registry.kept_model(db, name, version)))
    except NotFound:
        _remove(path)


def _dataset_version(db: Database, folder: WorkspaceFolder, key: str) -> None:
    name, version = label_of(key)
    path = folder.dataset(name, version) / DATASET
    try:
        _write_own(folder, path, asdict(datasets.get(db, name, version)))
    except NotFound:
        _remove(path)


def _dataset(db: Database, folder: WorkspaceFolder, identifier: str) -> None:
    found = rows.dataset(db, identifier)
    if found is not None:
        _write_own(folder, part(folder.root / "datasets" / ".definitions", f"{identifier}.json"), asdict(found))


def _counter(table: str, room: str, db: Database, folder: WorkspaceFolder, name: str) -> None:
    last = rows.counter(db, table, name)
    if last is not None:
        _write_own(folder, part(folder.root / room, name) / NAME, {"name": name, "last_version": last})


def _endpoint(db: Database, folder: WorkspaceFolder, name: str) -> None:
    place = folder.endpoint(name)
    try:
        found = registry.get_endpoint(db, name)
    except NotFound:
        # Its folder went before its record did: what else lies here is of a deployment that is only being asked for.
        _remove(place / ENDPOINT)
        return
    body = {**asdict(found), "wanted": registry.wanted_state(db, name)}
    if body["wanted"] == registry.DELETED and not place.is_dir():
        return  # Its folder went already and does not come back; its record goes next.
    _write_own(folder, place / ENDPOINT, body)


_KEEPERS: Final[dict[RecordKind, Callable[[Database, WorkspaceFolder, str], None]]] = {
    RecordKind.RUN: _run,
    RecordKind.EXPERIMENT: _experiment,
    RecordKind.ENVIRONMENT: _environment,
    RecordKind.ENVIRONMENT_NAME: partial(_counter, rows.ENVIRONMENT_COUNTER, "environments"),
    RecordKind.LOCK: _lock,
    RecordKind.MODEL: _model,
    RecordKind.MODEL_NAME: partial(_counter, rows.MODEL_COUNTER, "models"),
    RecordKind.DATASET: _dataset,
    RecordKind.DATASET_VERSION: _dataset_version,
    RecordKind.DATASET_NAME: partial(_counter, rows.DATASET_COUNTER, "datasets"),
    RecordKind.ENDPOINT: _endpoint,
}
