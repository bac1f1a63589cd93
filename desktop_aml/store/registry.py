"""Models and endpoints in the database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.names import versions_in_words
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion, ResourceConfiguration
from desktop_aml.domain.runs import Artifact
from desktop_aml.store.database import Database
from desktop_aml.store.record import readable

DELETED = "deleted"
"""What is wanted of an endpoint whose folder is being removed."""

_MODEL_COLUMNS = ("name", "version", "created_at")
_THERE = "json_extract(iif(json_valid(body), body, '{}'), '$.deleted_at') IS NULL"
"""Whether a version is not in the trash; one that cannot be read is not."""


def next_version(db: Database, name: str) -> int:
    """Take the next version number of a model; a number is never given twice. Call inside a transaction."""
    db.run(
        "INSERT INTO model_counter (name, last_version) VALUES (?, 1)"
        " ON CONFLICT (name) DO UPDATE SET last_version = last_version + 1",
        (name,),
    )
    row = db.one("SELECT last_version FROM model_counter WHERE name = ?", (name,))
    return int(row["last_version"]) if row else 1


def insert_model(db: Database, model: ModelVersion) -> None:
    """Store a version of a model."""
    db.run(
        "INSERT INTO model (name, version, created_at, body) VALUES (?, ?, ?, ?)",
        (model.name, model.version, model.created_at, _model_body(db, model)),
    )


def update_model(db: Database, model: ModelVersion) -> None:
    """Store what changed about a version of a model."""
    body = _model_body(db, model)
    db.run("UPDATE model SET body = ? WHERE name = ? AND version = ?", (body, model.name, model.version))


def _model_body(db: Database, model: ModelVersion) -> str:
    body = {key: value for key, value in asdict(model).items() if key not in _MODEL_COLUMNS}
    return json.dumps(db.portable.kept(body))


def restore_counter(db: Database, name: str, version: int) -> None:
    """Make sure that `version` of a model is never given again."""
    db.run(
        "INSERT INTO model_counter (name, last_version) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET last_version = max(last_version, excluded.last_version)",
        (name, version),
    )


def get_model(db: Database, name: str, version: int = 0) -> ModelVersion:
    """Return one version of a model; 0 is the newest.

    Raises
    ------
    NotFound
        When there is no such model or version, or it is in the trash.
    """
    if version:
        found = kept_model(db, name, version)
        if found.deleted_at is not None:
            words = f"The model “{found.label}” is in the trash."
            raise NotFound(words, f"Take it out with: desktop-aml model restore {found.label}")
        return found
    row = db.one(f"SELECT * FROM model WHERE name = ? AND {_THERE} ORDER BY version DESC LIMIT 1", (name,))  # noqa: S608
    if row is None:
        raise _no_such_model(name)
    return _model(db, row)


def kept_model(db: Database, name: str, version: int) -> ModelVersion:
    """Return one version of a model, also of those in the trash.

    Raises
    ------
    NotFound
        When there is no such model or version.
    """
    row = db.one("SELECT * FROM model WHERE name = ? AND version = ?", (name, version))
    if row is None:
        raise _no_such_model(f"{name}:{version}", [one.version for one in model_versions(db, name)])
    return _model(db, row)


def _no_such_model(label: str, versions: Sequence[int] = ()) -> NotFound:
    hint = versions_in_words(versions) or "List them with: desktop-aml model list"
    return NotFound(f"There is no model “{label}” in this workspace.", hint)


def model_versions(db: Database, name: str) -> tuple[ModelVersion, ...]:
    """Return every version of a model, newest first, without those in the trash."""
    rows = db.all(f"SELECT * FROM model WHERE name = ? AND {_THERE} ORDER BY version DESC", (name,))  # noqa: S608
    return tuple(readable.those(partial(_model, db), rows))


def models(db: Database) -> tuple[ModelVersion, ...]:
    """Return the newest version of each model that is not in the trash, by name."""
    rows = db.all(
        f"SELECT * FROM model m WHERE {_THERE} AND version ="  # noqa: S608  fixed texts
        f" (SELECT max(version) FROM model WHERE name = m.name AND {_THERE}) ORDER BY name COLLATE NOCASE"
    )
    return tuple(readable.those(partial(_model, db), rows))


def models_in_trash(db: Database) -> tuple[ModelVersion, ...]:
    """Return every version in the trash, by name and version."""
    rows = db.all(f"SELECT * FROM model WHERE NOT ({_THERE}) ORDER BY name, version")  # noqa: S608
    return tuple(readable.those(partial(_model, db), rows))


def all_models(db: Database) -> tuple[ModelVersion, ...]:
    """Return every version of every model, also of those in the trash."""
    return tuple(_model(db, row) for row in db.all("SELECT * FROM model ORDER BY name, version"))


def rename_model(db: Database, name: str, new_name: str) -> tuple[int, ...]:
    """Give every version of a model another name, and return their numbers; neither name gets one of them again.

    Raises
    ------
    NotFound
        When there is no such model.
    Conflict
        When an endpoint uses it.
    """
    get_model(db, name)
    found = _of_name(db, name)
    for model in found:
        # Removed and put in again, so that what describes it in the folder goes and comes with it.
        delete_model(db, name, model.version)
        insert_model(db, replace(model, name=new_name))
    restore_counter(db, new_name, found[0].version)
    return tuple(model.version for model in found if model.deleted_at is None)


def is_taken(db: Database, name: str) -> bool:
    """Whether a model of this name has a version, be it in the trash."""
    return db.one("SELECT 1 FROM model WHERE name = ?", (name,)) is not None


def _of_name(db: Database, name: str) -> tuple[ModelVersion, ...]:
    rows = db.all("SELECT * FROM model WHERE name = ? ORDER BY version DESC", (name,))
    return tuple(readable.those(partial(_model, db), rows))


def delete_model(db: Database, name: str, version: int) -> None:
    """Remove one version of a model for good, also one in the trash.

    Raises
    ------
    Conflict
        When an endpoint uses it.
    """
    kept_model(db, name, version)
    refuse_used(db, name, version)
    db.run("DELETE FROM model WHERE name = ? AND version = ?", (name, version))


def refuse_used(db: Database, name: str, version: int) -> None:
    """Raise `Conflict` when an endpoint uses a version of a model."""
    label = f"{name}:{version}"
    for user in all_endpoints(db):
        if label in (f"{user.model_name}:{user.model_version}", *user.models):
            raise Conflict(f"The model {label} is used by the endpoint “{user.name}”.", "Delete the endpoint first.")


@readable.record("model")
def _model(db: Database, row: sqlite3.Row) -> ModelVersion:
    body = db.portable.here(json.loads(row["body"]))
    body["resources"] = ResourceConfiguration(**body["resources"])
    body["files"] = tuple(Artifact(**file) for file in body["files"])
    return ModelVersion(name=row["name"], version=row["version"], created_at=row["created_at"], **body)


def put_endpoint(db: Database, endpoint: Endpoint, *, wanted: str) -> None:
    """Store an endpoint, new or changed. `wanted` is ``"serving"``, ``"stopped"`` or ``"deleted"``."""
    body = asdict(endpoint)
    for key in ("name", "model_name", "model_version", "created_at", "state"):
        body.pop(key)
    db.run(
        "INSERT INTO endpoint (name, model_name, model_version, created_at, state, wanted, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET model_name = excluded.model_name,"
        " model_version = excluded.model_version, state = excluded.state, wanted = excluded.wanted,"
        " body = excluded.body",
        (
            endpoint.name,
            endpoint.model_name,
            endpoint.model_version,
            endpoint.created_at,
            endpoint.state,
            wanted,
            json.dumps(db.portable.kept(body)),
        ),
    )


def set_endpoint_state(db: Database, endpoint: Endpoint, state: EndpointState, **changes: object) -> Endpoint:
    """Store a changed state of an endpoint and return the endpoint as it is now."""
    changed = replace(endpoint, state=state, **changes)  # type: ignore[arg-type]
    put_endpoint(db, changed, wanted=wanted_state(db, endpoint.name))
    return changed


def get_endpoint(db: Database, name: str) -> Endpoint:
    """Return an endpoint.

    Raises
    ------
    NotFound
        When there is none of this name.
    """
    row = db.one("SELECT * FROM endpoint WHERE name = ?", (name,))
    if row is None:
        raise NotFound(f"There is no endpoint “{name}” in this workspace.", "List them with: desktop-aml endpoint list")
    return _endpoint(db, row)


def endpoints(db: Database) -> tuple[Endpoint, ...]:
    """Return every endpoint that can be read, by name."""
    return tuple(readable.those(partial(_endpoint, db), db.all("SELECT * FROM endpoint ORDER BY name")))


def all_endpoints(db: Database) -> tuple[Endpoint, ...]:
    """Return every endpoint, by name, for who must miss none.

    Raises
    ------
    RecordUnreadable
        When what the database says of one cannot be read.
    """
    return tuple(_endpoint(db, row) for row in db.all("SELECT * FROM endpoint ORDER BY name"))


def wanted_state(db: Database, name: str) -> str:
    """Return whether an endpoint should be ``"serving"`` or ``"stopped"``."""
    row = db.one("SELECT wanted FROM endpoint WHERE name = ?", (name,))
    return str(row["wanted"]) if row else "stopped"


def delete_endpoint(db: Database, name: str) -> None:
    """Forget an endpoint."""
    db.run("DELETE FROM endpoint WHERE name = ?", (name,))


@readable.record("endpoint")
def _endpoint(db: Database, row: sqlite3.Row) -> Endpoint:
    body = db.portable.here(json.loads(row["body"]))
    body["models"] = tuple(body.get("models", ()))
    return Endpoint(
        name=row["name"],
        model_name=row["model_name"],
        model_version=row["model_version"],
        created_at=row["created_at"],
        state=EndpointState(row["state"]),
        **body,
    )
