"""Everything but runs comes back from its manifests: experiments, locks, environments, models, datasets, endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion, split_label
from desktop_aml.record import manifests, reading
from desktop_aml.record.reading import Findings, Manifest
from desktop_aml.serving import config, front_process
from desktop_aml.store import datasets, registry
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import rows
from desktop_aml.store.record.kinds import RecordKind
from desktop_aml.store.record.rows import Shelved, Standing, StoredExperiment

Settled = tuple[RecordKind, str]
"""What the folders say in full, so that nothing is owed to them."""

Restore = Callable[[Database, WorkspaceFolder, Manifest], Settled]
_SERVING, _STOPPED = "serving", "stopped"


@dataclass(frozen=True, slots=True)
class Room:
    """Manifests of one kind: where they are, and what stores one. `noun` is what the report counts them as."""

    noun: str
    found: Callable[[WorkspaceFolder, Findings], Iterator[Manifest]]
    restore: Restore


def _experiment(db: Database, _: WorkspaceFolder, manifest: Manifest) -> Settled:
    found = msgspec.convert(manifest.body, StoredExperiment)
    rows.restore_experiment(db, found)
    return RecordKind.EXPERIMENT, found.name


def _lock(db: Database, _: WorkspaceFolder, manifest: Manifest) -> Settled:
    digest = manifest.path.stem
    rows.restore_lock(db, digest, str(manifest.body["body"]))
    return RecordKind.LOCK, digest


def _environment(db: Database, _: WorkspaceFolder, manifest: Manifest) -> Settled:
    if manifest.path.name == manifests.NAME:
        return RecordKind.ENVIRONMENT_NAME, _counter(db, rows.ENVIRONMENT_COUNTER, manifest.body)
    version = msgspec.convert(manifest.body, EnvironmentVersion)
    build = msgspec.convert(manifest.body.get("build", {}), Standing)
    rows.restore_environment(db, version, build, msgspec.convert(manifest.body.get("shelf", {}), Shelved))
    return RecordKind.ENVIRONMENT, version.label


def _model(db: Database, _: WorkspaceFolder, manifest: Manifest) -> Settled:
    if manifest.path.name == manifests.NAME:
        return RecordKind.MODEL_NAME, _counter(db, rows.MODEL_COUNTER, manifest.body)
    model = msgspec.convert(manifest.body, ModelVersion)
    registry.insert_model(db, model)
    registry.restore_counter(db, model.name, model.version)
    return RecordKind.MODEL, model.label


def _dataset(db: Database, _: WorkspaceFolder, manifest: Manifest) -> Settled:
    if manifest.path.name == manifests.NAME:
        return RecordKind.DATASET_NAME, _counter(db, rows.DATASET_COUNTER, manifest.body)
    dataset = msgspec.convert(manifest.body, DatasetVersion)
    datasets.save(db, dataset)
    if not dataset.name:
        return RecordKind.DATASET, dataset.id
    datasets.insert_version(db, dataset)
    return RecordKind.DATASET_VERSION, dataset.label


def _counter(db: Database, table: str, body: dict[str, Any]) -> str:
    name = str(body["name"])
    rows.restore_counter(db, table, name, int(body["last_version"]))
    return name


def _endpoint(db: Database, folder: WorkspaceFolder, manifest: Manifest) -> Settled:
    if manifest.path.name == manifests.ENDPOINT:
        endpoint = msgspec.convert(manifest.body, Endpoint)
        wanted = _STOPPED if manifest.body.get("wanted") == _STOPPED else _SERVING
    else:
        endpoint, wanted = _of_front(folder, manifest)
    registry.put_endpoint(db, endpoint, wanted=wanted)
    return RecordKind.ENDPOINT, endpoint.name


def _of_front(folder: WorkspaceFolder, manifest: Manifest) -> tuple[Endpoint, str]:
    """Return an endpoint as its front was told of it, for one that an earlier version made: it stays in reach."""
    place = folder.endpoint(str(manifest.body["name"]))
    told = config.read_config(place)
    front = front_process.read_state(place)
    labels = tuple(label for label in told.model.split(", ") if ":" in label)
    name, version = split_label(labels[0]) if labels else ("", 0)
    endpoint = Endpoint(
        name=told.name,
        model_name=name,
        model_version=version,
        state=EndpointState.STOPPED,
        created_at=manifest.path.stat().st_mtime,
        port=told.port,
        auth_enabled=told.auth_enabled,
        models=labels if told.script else (),
        entry_script=told.script.entry_script if told.script else "",
        target="docker" if told.image else "local",
        network=told.network,
    )
    if front is None or front.state is EndpointState.STOPPED:
        return endpoint, _STOPPED
    return front.seen_of(endpoint), _SERVING


ROOMS: Final = (
    Room("experiments", partial(reading.named_files, room="experiments", key="name"), _experiment),
    Room("locks", partial(reading.named_files, room="locks", key=""), _lock),
    Room("environments", partial(reading.versions, room="environments", file=manifests.ENVIRONMENT), _environment),
    Room("models", partial(reading.versions, room="models", file=manifests.MODEL), _model),
    Room("definitions", partial(reading.named_files, room="datasets/.definitions", key="id"), _dataset),
    Room("datasets", partial(reading.versions, room="datasets", file=manifests.DATASET), _dataset),
    Room("endpoints", reading.endpoints, _endpoint),
)
"""In the order in which they are stored: what others name comes first."""
