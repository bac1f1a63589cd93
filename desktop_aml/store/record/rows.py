"""Rows as manifests have them: what of the database is in no value of the domain, both ways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion
from desktop_aml.domain.environments import BuildState, EnvironmentVersion
from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.values import dataclass
from desktop_aml.store.database import Database

MODEL_COUNTER: Final = "model_counter"
DATASET_COUNTER: Final = "dataset_counter"
ENVIRONMENT_COUNTER: Final = "environment_counter"


@dataclass(frozen=True, slots=True)
class StoredExperiment:
    """An experiment. `runs` is the greatest number that a run of it ever had; the rest as in `experiments.Standing`."""

    name: str
    created_at: float
    runs: int
    archived_at: float | None = None
    deleted_at: float | None = None
    told_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How the builds of a version of an environment stand; hashes name locks, `size` is in bytes."""

    state: BuildState = BuildState.NOT_BUILT
    build_key: str = ""
    lock_hash: str = ""
    python_version: str = ""
    size: int | None = None
    image_lock_hash: str = ""


@dataclass(frozen=True, slots=True)
class Shelved:
    """Since when a version of an environment is in the trash (Unix seconds), and what it was called before."""

    deleted_at: float | None = None
    former_names: tuple[str, ...] = ()


def order_of(db: Database, run_id: str) -> int:
    """Return the place of a run among all runs of the workspace, as they were submitted."""
    row = db.one("SELECT n FROM run WHERE id = ?", (run_id,))
    return int(row["n"]) if row else 0


def journals(db: Database, run_id: str) -> dict[str, tuple[int, int]]:
    """Return how far each journal of a run was read, in bytes, and how many of its records could not be taken."""
    rows = db.all("SELECT file, position, damaged FROM journal WHERE run_id = ?", (run_id,))
    return {row["file"]: (row["position"], row["damaged"]) for row in rows}


def restore_damaged(db: Database, run_id: str, file: str, damaged: int) -> None:
    """Store how many records of a journal that was read again could not be taken the first time."""
    db.run("UPDATE journal SET damaged = ? WHERE run_id = ? AND file = ?", (damaged, run_id, file))


def sweep(db: Database, run_id: str) -> dict[str, object] | None:
    """Return what makes a run a sweep, as it is stored; None when it is none."""
    row = db.one("SELECT body FROM sweep WHERE run_id = ?", (run_id,))
    if row is None:
        return None
    trials = db.all(
        "SELECT number, run_id, given, judged, stopped FROM trial WHERE sweep_id = ? ORDER BY number", (run_id,)
    )
    return {"body": row["body"], "trials": [list(trial) for trial in trials]}


def restore_sweep(db: Database, run_id: str, body: str, trials: Sequence[tuple[int, str, str, int, str]]) -> None:
    """Store what makes a run a sweep."""
    db.run("INSERT INTO sweep (run_id, body) VALUES (?, ?)", (run_id, body))
    db.run_many(
        "INSERT INTO trial (sweep_id, number, run_id, given, judged, stopped) VALUES (?, ?, ?, ?, ?, ?)",
        [(run_id, *trial) for trial in trials],
    )


def experiment(db: Database, name: str) -> StoredExperiment | None:
    """Return an experiment, or None."""
    row = db.one(
        "SELECT name, created_at, runs, archived_at, deleted_at, told_at FROM experiment WHERE name = ?", (name,)
    )
    return StoredExperiment(*row) if row else None


def restore_experiment(db: Database, found: StoredExperiment) -> None:
    """Store an experiment; of one that is there the greater number of runs stays."""
    db.run(
        "INSERT INTO experiment (name, created_at, runs, archived_at, deleted_at, told_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET runs = excluded.runs WHERE excluded.runs > runs",
        (found.name, found.created_at, found.runs, found.archived_at, found.deleted_at, found.told_at),
    )


def counter(db: Database, table: str, name: str) -> int | None:
    """Return the greatest version that a name of a model, dataset or environment was ever given, or None.

    Parameters
    ----------
    table : str
        `MODEL_COUNTER`, `DATASET_COUNTER` or `ENVIRONMENT_COUNTER`.
    """
    row = db.one(f"SELECT last_version FROM {table} WHERE name = ?", (name,))  # noqa: S608
    return int(row["last_version"]) if row else None


def restore_counter(db: Database, table: str, name: str, version: int) -> None:
    """Make sure that versions of a name up to this one are never given again."""
    db.run(
        f"INSERT INTO {table} (name, last_version) VALUES (?, ?)"  # noqa: S608
        " ON CONFLICT (name) DO UPDATE SET last_version = excluded.last_version"
        " WHERE excluded.last_version > last_version",
        (name, version),
    )


def lock(db: Database, digest: str) -> str | None:
    """Return the text of a lock, or None."""
    row = db.one("SELECT body FROM lock WHERE hash = ?", (digest,))
    return str(row["body"]) if row else None


def restore_lock(db: Database, digest: str, body: str) -> None:
    """Store a lock as it was.

    Raises
    ------
    ValueError
        When it is not the text that its hash names.
    """
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        raise ValueError("Its content is not what its name says.")
    db.run("INSERT INTO lock (hash, body) VALUES (?, ?)", (digest, body))


def standing(db: Database, name: str, version: int) -> Standing:
    """Return how the builds of a version of an environment stand."""
    row = db.one(
        "SELECT state, build_key, lock_hash, python_version, size, image_lock_hash FROM environment"
        " WHERE name = ? AND version = ?",
        (name, version),
    )
    return Standing(BuildState(row[0]), *row[1:]) if row else Standing()


def shelved(db: Database, name: str, version: int) -> Shelved:
    """Return where a version of an environment is kept."""
    row = db.one("SELECT deleted_at, former_names FROM environment WHERE name = ? AND version = ?", (name, version))
    return Shelved(row[0], tuple(json.loads(row[1]))) if row else Shelved()


def restore_environment(db: Database, version: EnvironmentVersion, found: Standing, kept: Shelved) -> None:
    """Store a version of an environment under its own number, with its builds as they stood."""
    values = {
        "name": version.name,
        "version": version.version,
        "kind": version.kind,
        "text": version.text,
        "description": version.description,
        "created_at": version.created_at,
        **asdict(found),
        "deleted_at": kept.deleted_at,
        "former_names": json.dumps(kept.former_names),
    }
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    db.run(f"INSERT INTO environment ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608
    restore_counter(db, ENVIRONMENT_COUNTER, version.name, version.version)


def dataset(db: Database, identifier: str) -> DatasetVersion | None:
    """Return what is kept of a dataset itself, without any name that it has; None when there is none."""
    row = db.one("SELECT kind, created_at, definition, files FROM dataset WHERE id = ?", (identifier,))
    if row is None:
        return None
    files = tuple(Artifact(**file) for file in db.portable.here(json.loads(row["files"])))
    definition = db.portable.here_json(row["definition"])
    return DatasetVersion("", 0, identifier, DatasetKind(row["kind"]), row["created_at"], definition, files=files)
