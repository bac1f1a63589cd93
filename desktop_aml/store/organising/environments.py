"""Names and the trash of environments in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.store import registry, runs
from desktop_aml.store.database import Database
from desktop_aml.store.record import rows

_OF_NAME: Final = "SELECT version, deleted_at, former_names FROM environment WHERE name = ? ORDER BY version"
_RENAMED: Final = (
    "INSERT INTO environment (name, version, kind, text, description, created_at, state, build_key, lock_hash,"
    " python_version, size, image_lock_hash, deleted_at, former_names)"
    " SELECT ?, version, kind, text, description, created_at, state, build_key, lock_hash, python_version, size,"
    " image_lock_hash, deleted_at, ? FROM environment WHERE name = ? AND version = ?"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of an environment: whether it is in the trash, and the names that it had before."""

    name: str
    version: int
    is_deleted: bool
    former_names: tuple[str, ...]

    @property
    def labels(self) -> frozenset[str]:
        """Every ``name:version`` that means it."""
        return frozenset(f"{name}:{self.version}" for name in (self.name, *self.former_names))


def of_name(db: Database, name: str) -> tuple[Kept, ...]:
    """Return every version of an environment, those in the trash among them, oldest first."""
    return tuple(
        Kept(name, version, deleted_at is not None, tuple(json.loads(former)))
        for version, deleted_at, former in db.all(_OF_NAME, (name,))
    )


def in_trash(db: Database) -> tuple[tuple[str, int, float], ...]:
    """Return name, version and time (Unix seconds) of everything in the trash, by name."""
    sql = "SELECT name, version, deleted_at FROM environment WHERE deleted_at IS NOT NULL ORDER BY name, version"
    return tuple((row["name"], row["version"], row["deleted_at"]) for row in db.all(sql))


def rename(db: Database, found: Sequence[Kept], new_name: str) -> None:
    """Give versions another name; their labels of before go on to mean them. Call inside a transaction."""
    for one in found:
        former = [*(name for name in one.former_names if name != new_name), one.name]
        db.run(_RENAMED, (new_name, json.dumps(former), one.name, one.version))
        remove(db, one)
        rows.restore_counter(db, rows.ENVIRONMENT_COUNTER, new_name, one.version)


def delete(db: Database, one: Kept, at: float | None) -> None:
    """Put a version into the trash, or take it out when `at` (Unix seconds) is None."""
    db.run("UPDATE environment SET deleted_at = ? WHERE name = ? AND version = ?", (at, one.name, one.version))


def remove(db: Database, one: Kept) -> None:
    """Forget a version; its number stays given."""
    db.run("DELETE FROM environment WHERE name = ? AND version = ?", (one.name, one.version))


def user_of(db: Database, labels: frozenset[str]) -> str:
    """Return in words one run or endpoint that uses an environment of these labels now; empty when there is none."""
    for run_id, state in runs.in_states(db, [state for state in RunState if not state.is_terminal()]):
        if runs.get(db, run_id).summary.environment in labels:
            return f"the run “{run_id}”, which is {state}"
    for endpoint in registry.endpoints(db):
        if endpoint.state is not EndpointState.STOPPED and labels & _labels_of(db, endpoint):
            return f"the endpoint “{endpoint.name}”"
    return ""


def _labels_of(db: Database, endpoint: Endpoint) -> set[str]:
    """Return the environment that an endpoint names, or those that its models were trained in."""
    if endpoint.environment:
        return {endpoint.environment}
    models = endpoint.models or (f"{endpoint.model_name}:{endpoint.model_version}",)
    return {model.environment for model in registry.all_models(db) if model.label in models}
