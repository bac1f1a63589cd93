"""Stars, the archive and the trash of runs in the database. The trash is MLflow's, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from desktop_aml.store import documents
from desktop_aml.store.database import Database

_LIFECYCLE: Final = ("mlflow.run", "lifecycle")
_DELETED: Final = "deleted"


def is_starred(db: Database, run_id: str) -> bool:
    """Whether a run has a star."""
    return db.one("SELECT 1 FROM run WHERE id = ? AND starred", (run_id,)) is not None


def is_deleted(db: Database, run_id: str) -> bool:
    """Whether a run is in the trash."""
    return db.one("SELECT 1 FROM run WHERE id = ? AND deleted_at IS NOT NULL", (run_id,)) is not None


def of_experiment(
    db: Database, name: str, *, archived: bool | None = None, deleted: bool | None = None, since: float = 0.0
) -> list[str]:
    """Return the runs of an experiment that are in the archive or trash since a time or later, or are not there."""
    conditions = [
        f"{column} >= {float(since)!r}" if there else f"{column} IS NULL"
        for column, there in (("archived_at", archived), ("deleted_at", deleted))
        if there is not None
    ]
    sql = f"SELECT id FROM run WHERE {' AND '.join(('experiment = ?', *conditions))} ORDER BY n"  # noqa: S608
    return [row["id"] for row in db.all(sql, (name,))]


def star(db: Database, run_id: str, *, starred: bool) -> None:
    """Give a run a star, or take it away."""
    db.run("UPDATE run SET starred = ? WHERE id = ?", (int(starred), run_id))


def archive(db: Database, run_id: str, at: float | None) -> None:
    """Put a run into the archive, or take it out when `at` (Unix seconds) is None; one that is in stays as it is."""
    keep = "coalesce(archived_at, ?)" if at is not None else "?"
    db.run(f"UPDATE run SET archived_at = {keep} WHERE id = ?", (at, run_id))  # noqa: S608  fixed texts


def delete(db: Database, run_id: str, at: float | None) -> None:
    """Put a run into the trash, or take it out when `at` (Unix seconds) is None; MLflow's clients see the same."""
    _set_deleted(db, run_id, at)
    known = documents.of_run(db, run_id).get(_LIFECYCLE)
    if at is not None or known is not None:
        documents.put(db, run_id, {_LIFECYCLE: {"stage": "active" if at is None else _DELETED}})


def follow(db: Database, run_id: str, logged: Mapping[tuple[str, str], object], at: float) -> None:
    """Put a run where an MLflow client has just said; a starred run stays."""
    told = logged.get(_LIFECYCLE)
    if isinstance(told, dict):
        wants = told.get("stage") == _DELETED
        _set_deleted(db, run_id, at if wants and not is_starred(db, run_id) else None)


def remove_files(db: Database, run_id: str, paths: Sequence[str]) -> None:
    """Forget files of a run; what holds their bytes goes with the next cleaning of the store."""
    db.run_many("DELETE FROM artifact WHERE run_id = ? AND path = ?", [(run_id, path) for path in paths])


def _set_deleted(db: Database, run_id: str, at: float | None) -> None:
    keep = "coalesce(deleted_at, ?)" if at is not None else "?"
    db.run(f"UPDATE run SET deleted_at = {keep} WHERE id = ?", (at, run_id))  # noqa: S608  fixed texts
