"""Experiments in the database."""

from __future__ import annotations

from typing import NamedTuple

from desktop_aml.store.database import Database


def summaries(db: Database) -> list[tuple[str, int, float | None]]:
    """Return name, number of runs and time of the newest run of each experiment."""
    rows = db.all(
        "SELECT e.name, (SELECT count(*) FROM run r WHERE r.experiment = e.name)"
        " - (SELECT count(*) FROM run r WHERE r.experiment = e.name AND r.deleted_at IS NOT NULL) AS runs,"
        " (SELECT created_at FROM run r WHERE r.experiment = e.name AND r.deleted_at IS NULL ORDER BY n DESC LIMIT 1)"
        " AS last"
        " FROM experiment e ORDER BY e.name"
    )
    return [(row["name"], row["runs"], row["last"]) for row in rows]


class Moments(NamedTuple):
    """When an experiment was made, and when its newest run was, as Unix times in seconds."""

    name: str
    created_at: float
    last_at: float | None


def moments(db: Database) -> list[Moments]:
    """Return when each experiment was made and last used; those without runs but not yet forgotten are among them."""
    rows = db.all(
        "SELECT name, created_at, (SELECT max(created_at) FROM run WHERE experiment = e.name) AS last"
        " FROM experiment e ORDER BY name"
    )
    return [Moments(*row) for row in rows]


def runs_of(db: Database, name: str) -> list[str]:
    """Return the ids of the runs of an experiment, oldest first."""
    return [row["id"] for row in db.all("SELECT id FROM run WHERE experiment = ? ORDER BY n", (name,))]


def move_run(db: Database, run_id: str, experiment: str, *, at: float) -> None:
    """Let a run belong to another experiment, which is made when there is none. Call inside a transaction.

    The words of the run must not be in the index while this is done, see `runs.unindex`.
    """
    row = db.one("SELECT experiment FROM run WHERE id = ?", (run_id,))
    if row is None or row["experiment"] == experiment:
        return
    db.run(
        "INSERT INTO experiment (name, created_at, runs) VALUES (?, ?, 1)"
        " ON CONFLICT (name) DO UPDATE SET runs = runs + 1",
        (experiment, at),
    )
    db.run(
        "UPDATE run SET experiment = ?, number = (SELECT runs FROM experiment WHERE name = ?) WHERE id = ?",
        (experiment, experiment, run_id),
    )
