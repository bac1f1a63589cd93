"""Datasets in the database: definitions by id, and the versions of each name."""

from __future__ import annotations

import json
import shlex
import sqlite3
from dataclasses import asdict
from functools import partial

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion
from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import versions_in_words
from desktop_aml.domain.runs import Artifact
from desktop_aml.store.database import Database
from desktop_aml.store.record import readable

_SELECT = (
    "SELECT v.name, v.version, v.created_at, v.description, v.tags, d.id, d.kind, d.definition, d.files"
    " FROM dataset_version v JOIN dataset d ON d.id = v.dataset_id"
)

_DIGESTS = 900
"""Files of a dataset that runs are looked up by."""


def save(db: Database, dataset: DatasetVersion) -> None:
    """Store what a dataset is, without a name; one that is there stays as it is."""
    files = json.dumps(db.portable.kept([asdict(file) for file in dataset.files]))
    db.run(
        "INSERT INTO dataset (id, kind, definition, files, created_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING",
        (dataset.id, dataset.kind, db.portable.kept_json(dataset.definition), files, dataset.created_at),
    )


def insert_version(db: Database, dataset: DatasetVersion) -> None:
    """Store a version of a name. Call `save` first, inside the same transaction."""
    db.run(
        "INSERT INTO dataset_version (name, version, dataset_id, created_at, description, tags)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            dataset.name,
            dataset.version,
            dataset.id,
            dataset.created_at,
            dataset.description,
            json.dumps(dataset.tags),
        ),
    )
    db.run(
        "INSERT INTO dataset_counter (name, last_version) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET last_version = max(last_version, excluded.last_version)",
        (dataset.name, dataset.version),
    )


def next_version(db: Database, name: str) -> int:
    """Return the version number that a name gets next; a number is never given twice."""
    row = db.one("SELECT last_version FROM dataset_counter WHERE name = ?", (name,))
    return int(row["last_version"]) + 1 if row else 1


def update_version(db: Database, name: str, version: int, *, description: str, tags: dict[str, str]) -> None:
    """Store what is written about a version."""
    db.run(
        "UPDATE dataset_version SET description = ?, tags = ? WHERE name = ? AND version = ?",
        (description, json.dumps(tags), name, version),
    )


def get(db: Database, name: str, version: int = 0) -> DatasetVersion:
    """Return one version of a dataset; 0 is the newest.

    Raises
    ------
    NotFound
        When there is no such dataset or version.
    """
    rule, values = ("AND v.version = ?", (name, version)) if version else ("ORDER BY v.version DESC LIMIT 1", (name,))
    row = db.one(f"{_SELECT} WHERE v.name = ? {rule}", values)
    if row is None:
        label = f"{name}:{version}" if version else name
        known = ", ".join(one.name for one in newest(db)) or "none yet"
        how = f"There is: {known}. Add it with: desktop-aml dataset register FILES --name {shlex.quote(name)}"
        there = versions_in_words([one.version for one in versions(db, name)])
        raise NotFound(f"There is no dataset “{label}” in this workspace.", there or how)
    return _version(db, row)


def get_by_id(db: Database, identifier: str) -> DatasetVersion:
    """Return a dataset by its id, named or not; of several versions the newest.

    Raises
    ------
    NotFound
        When there is none.
    """
    row = db.one(f"{_SELECT} WHERE d.id = ? ORDER BY v.created_at DESC LIMIT 1", (identifier,))
    row = row or db.one(
        "SELECT '' AS name, 0 AS version, '' AS description, '{}' AS tags, * FROM dataset WHERE id = ?", (identifier,)
    )
    if row is None:
        raise NotFound(f"There is no dataset with the id “{identifier}” in this workspace.")
    return _version(db, row)


def versions(db: Database, name: str) -> tuple[DatasetVersion, ...]:
    """Return every version of a dataset, newest first."""
    rows = db.all(f"{_SELECT} WHERE v.name = ? ORDER BY v.version DESC", (name,))
    return tuple(readable.those(partial(_version, db), rows))


def newest(db: Database) -> tuple[DatasetVersion, ...]:
    """Return the newest version of each dataset, by name."""
    rows = db.all(
        _SELECT + " WHERE v.version = (SELECT max(version) FROM dataset_version WHERE name = v.name)"  # noqa: S608 - fixed texts only
        " ORDER BY v.name COLLATE NOCASE"
    )
    return tuple(readable.those(partial(_version, db), rows))


def users(db: Database, dataset: DatasetVersion) -> tuple[str, ...]:
    """Return the runs that took a dataset in, or opened one of its files as it was registered; newest first."""
    digests = [file.sha256 for file in dataset.files if file.sha256][:_DIGESTS]
    marks = ",".join("?" * len(digests))
    rows = db.all(
        f"SELECT id FROM run WHERE id IN (SELECT run_id FROM file_read WHERE sha256 IN ({marks}))"  # noqa: S608  marks
        " OR id IN (SELECT run_id FROM label WHERE kind = 'property' AND value = ?)"
        " OR id IN (SELECT run_id FROM run_detail WHERE instr(env_vars, ?) > 0) ORDER BY n DESC",
        (*digests, dataset.id, dataset.id),
    )
    return tuple(row["id"] for row in rows)


def forget_name(db: Database, name: str) -> int:
    """Remove every version of a name and return how many there were; runs keep what they used, by id."""
    return db.run("DELETE FROM dataset_version WHERE name = ?", (name,)).rowcount


@readable.record("dataset")
def _version(db: Database, row: sqlite3.Row) -> DatasetVersion:
    return DatasetVersion(
        name=row["name"],
        version=row["version"],
        id=row["id"],
        kind=DatasetKind(row["kind"]),
        created_at=row["created_at"],
        definition=db.portable.here_json(row["definition"]),
        description=row["description"],
        tags=json.loads(row["tags"]),
        files=tuple(Artifact(**file) for file in db.portable.here(json.loads(row["files"]))),
    )
