"""Environments in the database: versions as written, locks as resolved, builds as they stand."""

from __future__ import annotations

import hashlib
import json
import shlex
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Final

from desktop_aml.domain.environments import (
    BuildState,
    EnvironmentKind,
    EnvironmentLock,
    EnvironmentSummary,
    EnvironmentVersion,
    LockedPackage,
)
from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import versions_in_words
from desktop_aml.domain.values import dataclass
from desktop_aml.store.database import Database
from desktop_aml.store.record import readable, rows

_MOST_NAMES: Final = 10_000
_NEWEST: Final = "SELECT * FROM environment WHERE name = ? AND deleted_at IS NULL ORDER BY version DESC LIMIT 1"
_BY_LABEL: Final = "SELECT * FROM environment WHERE name = ? AND version = ?"
_BY_FORMER_NAME: Final = (
    "SELECT environment.* FROM environment, json_each(former_names) AS former WHERE former.value = ?"
)


def register(
    db: Database, name: str, kind: EnvironmentKind, text: str, description: str, at: float
) -> tuple[EnvironmentVersion, bool]:
    """Save `text` as the next version of `name`; the newest version's own text makes none. Returns whether it did."""
    newest = db.one(_NEWEST, (name,))
    if newest is not None and newest["text"] == text and newest["kind"] == kind:
        return _version(newest), False
    number = (rows.counter(db, rows.ENVIRONMENT_COUNTER, name) or 0) + 1
    rows.restore_counter(db, rows.ENVIRONMENT_COUNTER, name, number)
    db.run(
        "INSERT INTO environment (name, version, kind, text, description, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (name, number, kind, text, description, at),
    )
    return EnvironmentVersion(name, number, kind, text, at, description), True


def get(db: Database, name: str, version: int = 0) -> EnvironmentVersion:
    """Return one version; 0 is the newest. A version is found by a name that it had before, too.

    Raises
    ------
    NotFound
        When there is no such environment or version, or it is in the trash.
    """
    return _version(_row(db, name, version))


def versions(db: Database, name: str) -> tuple[EnvironmentVersion, ...]:
    """Return every version of an environment that is not in the trash, newest first."""
    sql = "SELECT * FROM environment WHERE name = ? AND deleted_at IS NULL ORDER BY version DESC"
    return tuple(map(_version, db.all(sql, (name,))))


def kept(db: Database, name: str, version: int) -> EnvironmentVersion | None:
    """Return the version of just this label, wherever it is kept; None when there is none."""
    row = db.one(_BY_LABEL, (name, version))
    return _version(row) if row is not None else None


def summaries(db: Database) -> tuple[EnvironmentSummary, ...]:
    """Return the newest version of each environment that is not in the trash, by name."""
    rows = db.all(
        "SELECT * FROM environment e WHERE version = "
        "(SELECT max(version) FROM environment WHERE name = e.name AND deleted_at IS NULL)"
        " ORDER BY name COLLATE NOCASE"
    )
    return tuple(readable.those(_summary, rows))


def summary(db: Database, name: str, version: int = 0) -> EnvironmentSummary:
    """Return how one version stands; 0 is the newest."""
    return _summary(_row(db, name, version))


@readable.record("environment")
def _summary(row: sqlite3.Row) -> EnvironmentSummary:
    state = BuildState(row["state"])
    return EnvironmentSummary(
        row["name"],
        row["version"],
        EnvironmentKind(row["kind"]),
        BuildState.IMAGE if state is BuildState.NOT_BUILT and row["image_lock_hash"] else state,
        row["python_version"],
        row["size"],
    )


def state(db: Database, name: str, version: int) -> BuildState:
    """Return how the build of a version for this computer stands, whatever Docker has."""
    return BuildState(_row(db, name, version)["state"])


def set_state(db: Database, name: str, version: int, value: BuildState) -> None:
    """Record how the build of a version stands."""
    db.run("UPDATE environment SET state = ? WHERE name = ? AND version = ?", (value, name, version))


def set_built(db: Database, name: str, version: int, *, key: str, lock_hash: str, python_version: str) -> None:
    """Record a finished build."""
    db.run(
        "UPDATE environment SET state = ?, build_key = ?, lock_hash = ?, python_version = ?"
        " WHERE name = ? AND version = ?",
        (BuildState.READY, key, lock_hash, python_version, name, version),
    )


def set_image_built(db: Database, name: str, version: int, lock_hash: str) -> None:
    """Record what a version resolved to as an image; Docker itself knows whether it still has that."""
    db.run("UPDATE environment SET image_lock_hash = ? WHERE name = ? AND version = ?", (lock_hash, name, version))


@dataclass(frozen=True, slots=True)
class StoredBuild:
    """A version that was built, and the key of its build."""

    name: str
    version: int
    key: str
    kind: EnvironmentKind
    is_deleted: bool = False

    @property
    def label(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"


def builds(db: Database) -> tuple[StoredBuild, ...]:
    """Return every version that was built, those in the trash among them, each name's oldest first."""
    found = db.all(
        "SELECT name, version, build_key, kind, deleted_at FROM environment WHERE build_key <> '' AND state = ?"
        " ORDER BY name, version",
        (BuildState.READY,),
    )
    return tuple(
        StoredBuild(name, version, key, EnvironmentKind(kind), deleted_at is not None)
        for name, version, key, kind, deleted_at in found
    )


def forget_builds(db: Database, keys: Sequence[str]) -> tuple[StoredBuild, ...]:
    """Mark the versions whose build is one of `keys`, which are gone, as not built; return them."""
    gone = tuple(one for one in builds(db) if one.key in keys)
    for one in gone:
        set_state(db, one.name, one.version, BuildState.NOT_BUILT)
    return gone


def forget_builds_under_way(db: Database) -> None:
    """Mark builds that an engine left behind when it died as not built."""
    db.run("UPDATE environment SET state = ? WHERE state = ?", (BuildState.NOT_BUILT, BuildState.BUILDING))


def save_lock(db: Database, lock: EnvironmentLock) -> str:
    """Store a lock under the hash of its content and return the hash."""
    digest, body = _as_stored(lock)
    db.run("INSERT INTO lock (hash, body) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", (digest, body))
    return digest


@lru_cache(maxsize=16)
def _as_stored(lock: EnvironmentLock) -> tuple[str, str]:
    """Return the hash of a lock and its text: of hundreds of packages, and the same for each run of an environment."""
    body = json.dumps(asdict(lock), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest(), body


@readable.record("list of packages")
def load_lock(db: Database, lock_hash: str) -> EnvironmentLock | None:
    """Return the lock with this hash, or None."""
    row = db.one("SELECT body FROM lock WHERE hash = ?", (lock_hash,))
    if row is None:
        return None
    body = json.loads(row["body"])
    packages = tuple(LockedPackage(**{**one, "hashes": tuple(one["hashes"])}) for one in body.pop("packages"))
    return EnvironmentLock(packages=packages, notes=tuple(body.pop("notes")), **body)


def locked_names(db: Database) -> tuple[str, ...]:
    """Return the name of every package that an environment was locked to; a lock that cannot be read has none."""
    rows = db.all(
        "SELECT DISTINCT json_extract(package.value, '$.name') AS name FROM lock, json_each(lock.body, '$.packages')"
        " AS package WHERE json_valid(lock.body) AND package.type = 'object' LIMIT ?",
        (_MOST_NAMES,),
    )
    return tuple(row["name"] for row in rows if isinstance(row["name"], str) and row["name"])


def lock_of(db: Database, name: str, version: int = 0) -> EnvironmentLock | None:
    """Return what a version resolved to on this computer, else as an image; None when it was never built."""
    row = _row(db, name, version)
    return load_lock(db, row["lock_hash"] or row["image_lock_hash"])


def _row(db: Database, name: str, version: int) -> sqlite3.Row:
    if version:
        row = db.one(_BY_LABEL, (name, version)) or db.one(f"{_BY_FORMER_NAME} AND version = ?", (name, version))
    else:
        row = db.one(_NEWEST, (name,))
    if row is None or row["deleted_at"] is not None:
        raise _missing(db, name, version, is_in_trash=row is not None)
    return row


def _missing(db: Database, name: str, version: int, *, is_in_trash: bool) -> NotFound:
    label = f"{name}:{version}" if version else name
    if is_in_trash or (not version and db.one("SELECT 1 FROM environment WHERE name = ?", (name,))):
        back = f"Take it out with: desktop-aml environment restore {shlex.quote(label)}"
        return NotFound(f"The environment “{label}” is in the trash.", back)
    now = db.one(f"{_BY_FORMER_NAME} ORDER BY version DESC LIMIT 1", (name,))
    if now is not None and not version:
        return NotFound(f"The environment “{name}” is called “{now['name']}” now.", "Write its name of today.")
    sql = "SELECT version FROM environment WHERE name = ? AND deleted_at IS NULL ORDER BY version DESC"
    how = "List them with: desktop-aml environment list. Add one with: desktop-aml environment register FILE"
    there = versions_in_words([row["version"] for row in db.all(sql, (name,))])
    return NotFound(f"There is no environment “{label}” in this workspace.", there or how)


@readable.record("environment")
def _version(row: sqlite3.Row) -> EnvironmentVersion:
    return EnvironmentVersion(
        row["name"], row["version"], EnvironmentKind(row["kind"]), row["text"], row["created_at"], row["description"]
    )
