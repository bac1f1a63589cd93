"""Experiments in the database."""

from __future__ import annotations

from typing import Final, NamedTuple

from desktop_aml.store.database import Database


class Standing(NamedTuple):
    """An experiment with its runs; times are Unix times in seconds.

    Parameters
    ----------
    runs : int
        Those that are not in the trash.
    archived_at, deleted_at : float or None
        Since when it is in the archive or the trash; None where one of its runs is not, whoever put it there.
    told_at : float
        When somebody last said where it is; 0 for never.
    """

    name: str
    runs: int
    last_at: float | None
    archived_at: float | None
    deleted_at: float | None
    told_at: float


_HAS_ACTIVE: Final = "EXISTS (SELECT 1 FROM run r WHERE r.experiment = e.name AND r.deleted_at IS NULL{})"
_STANDINGS: Final = (
    "SELECT e.name, (SELECT count(*) FROM run r WHERE r.experiment = e.name)"  # noqa: S608  fixed texts only
    " - (SELECT count(*) FROM run r WHERE r.experiment = e.name AND r.deleted_at IS NOT NULL) AS runs,"
    " (SELECT created_at FROM run r WHERE r.experiment = e.name AND r.deleted_at IS NULL ORDER BY n DESC LIMIT 1)"
    f" AS last, iif(e.archived_at IS NULL OR {_HAS_ACTIVE.format(' AND r.archived_at IS NULL')}, NULL, e.archived_at),"
    f" iif(e.deleted_at IS NULL OR {_HAS_ACTIVE.format('')}, NULL, e.deleted_at), e.told_at"
    " FROM experiment e ORDER BY e.name"
)


def standings(db: Database) -> list[Standing]:
    """Return every experiment, on whatever shelf, by name."""
    return [Standing(*row) for row in db.all(_STANDINGS)]


def file_sizes(db: Database) -> dict[str, int]:
    """Return how many bytes the files of the runs of each experiment have, each content once."""
    rows = db.all(
        "SELECT experiment, sum(size) FROM (SELECT DISTINCT experiment, sha256, size FROM artifact"
        " JOIN run ON id = run_id) GROUP BY experiment"
    )
    return {row[0]: int(row[1]) for row in rows}


def is_known(db: Database, name: str) -> bool:
    """Whether there is an experiment of this name, on whatever shelf."""
    return db.one("SELECT 1 FROM experiment WHERE name = ?", (name,)) is not None


def is_own(db: Database, name: str) -> bool:
    """Whether an experiment is not only of attached runs."""
    return db.one("SELECT 1 FROM main.experiment WHERE name = ?", (name,)) is not None


def told_deleted_at(db: Database, name: str) -> float | None:
    """Return when an experiment was put into the trash, as Unix time in seconds; None where it is not there."""
    row = db.one("SELECT deleted_at FROM experiment WHERE name = ?", (name,))
    return row["deleted_at"] if row else None


def told_archived_at(db: Database, name: str) -> float | None:
    """Return when an experiment was put into the archive, as Unix time in seconds; None where it is not there."""
    row = db.one("SELECT archived_at FROM experiment WHERE name = ?", (name,))
    return row["archived_at"] if row else None


def make(db: Database, name: str, at: float) -> None:
    """Let there be an experiment."""
    db.run("INSERT INTO experiment (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, at))


def archive(db: Database, name: str, since: float | None, at: float) -> None:
    """Note that an experiment is in the archive since then, or in none; told `at` this time."""
    db.run("UPDATE experiment SET archived_at = ?, told_at = ? WHERE name = ?", (since, at, name))


def delete(db: Database, name: str, since: float | None, at: float) -> None:
    """Note that an experiment is in the trash since then, or in none; told `at` this time."""
    db.run("UPDATE experiment SET deleted_at = ?, told_at = ? WHERE name = ?", (since, at, name))


def forget(db: Database, name: str) -> None:
    """Remove an experiment that has no runs."""
    db.run("DELETE FROM experiment WHERE name = ?", (name,))


def rename(db: Database, name: str, new_name: str) -> None:
    """Give an experiment another name, its runs with it. Their words must not be in the index, see `runs.unindex`."""
    # A new row in the place of the old one: the outbox hears of both names, and the old one's manifest goes.
    db.run(
        "INSERT INTO experiment (name, created_at, runs, archived_at, deleted_at, told_at)"
        " SELECT ?, created_at, runs, archived_at, deleted_at, told_at FROM experiment WHERE name = ?",
        (new_name, name),
    )
    db.run("DELETE FROM experiment WHERE name = ?", (name,))
    db.run("UPDATE run SET experiment = ? WHERE experiment = ?", (new_name, name))


class Moments(NamedTuple):
    """When an experiment was made, its newest run was, it was deleted and last spoken of, as Unix times in seconds."""

    name: str
    created_at: float
    last_at: float | None
    deleted_at: float | None
    told_at: float


def moments(db: Database) -> list[Moments]:
    """Return when each experiment was made and last used; those without runs but not yet forgotten are among them."""
    rows = db.all(
        "SELECT name, created_at, (SELECT max(created_at) FROM run WHERE experiment = e.name) AS last,"  # noqa: S608
        f" iif(deleted_at IS NULL OR {_HAS_ACTIVE.format('')}, NULL, deleted_at), told_at"
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
    take_out(db, experiment, at)
    db.run(
        "UPDATE run SET experiment = ?, number = (SELECT runs FROM experiment WHERE name = ?) WHERE id = ?",
        (experiment, experiment, run_id),
    )


def take_out(db: Database, name: str, at: float) -> None:
    """Take an experiment out of archive and trash: a run came into it."""
    db.run(
        "UPDATE experiment SET archived_at = NULL, deleted_at = NULL, told_at = ?"
        " WHERE name = ? AND (archived_at IS NOT NULL OR deleted_at IS NOT NULL)",
        (at, name),
    )
