"""Faults that were mended once, put back one at a time: each is to be found, or the simulation sees nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from desktop_aml.domain.runs import RunOutcome
from desktop_aml.engine.runs.finalization import RunEnding
from desktop_aml.engine.runs.flow import RunFlow
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.record import manifests
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.record import outbox
from desktop_aml.store.record.outbox import Mark

Patch = pytest.MonkeyPatch


def _positions_are_not_stored_with_the_points(patch: Patch) -> None:
    patch.setattr(metrics, "set_journal_position", lambda *_, **__: None)


def _the_handle_is_not_stored_before_the_start(patch: Patch) -> None:
    store = runs.set_attempt

    def without_handle(db: Database, run_id: str, *, nonce: str, handle: str, command: Sequence[str]) -> None:
        store(db, run_id, nonce=nonce, handle="", command=command if handle else ())

    patch.setattr(runs, "set_attempt", without_handle)


def _a_run_ends_before_all_that_it_logged_is_stored(patch: Patch) -> None:
    patch.setattr(RunFlow, "ingest_one", lambda *_: False)


def _the_outcome_is_forgotten_by_the_next_engine(patch: Patch) -> None:
    lost = RunOutcome(reason="lost", message="The end of the script was not recorded.")
    patch.setattr(RunEnding, "stored_outcome", lambda *_: lost)


def _nobody_takes_up_what_an_engine_left(patch: Patch) -> None:
    patch.setattr(RunFlow, "recover", lambda _: None)


def _a_change_made_meanwhile_is_taken_for_the_one_that_was_written(patch: Patch) -> None:
    def clear(db: Database, done: Sequence[Mark]) -> None:
        db.run_many("DELETE FROM outbox WHERE kind = ? AND key = ?", [(mark.kind, mark.key) for mark in done])

    patch.setattr(outbox, "clear", clear)


def _what_an_engine_owed_is_forgotten(patch: Patch) -> None:
    begin = RunFlow.recover

    def recover(flow: RunFlow) -> None:
        outbox.clear_all(flow._desk.db)
        begin(flow)

    patch.setattr(RunFlow, "recover", recover)


def _an_attempt_that_is_given_up_can_still_be_claimed(patch: Patch) -> None:
    patch.setattr(AttemptFiles, "give_up", lambda _: True)


def _the_folder_of_a_deleted_run_is_forgotten(patch: Patch) -> None:
    patch.setattr("desktop_aml.engine.runs.changes.snapshot.remove_folder", lambda _: None)
    patch.setattr(manifests.nested_runs, "remove", lambda *_: None)


def _points_are_stored_in_a_step_of_their_own(patch: Patch) -> None:
    store = metrics.add_points

    def apart(db: Database, *values: object) -> object:
        db.run("COMMIT")
        db.run("BEGIN IMMEDIATE")
        db.run("SAVEPOINT inner_step")
        try:
            return store(db, *values)  # type: ignore[arg-type]
        finally:
            db.run("COMMIT")
            db.run("BEGIN IMMEDIATE")
            db.run("SAVEPOINT inner_step")

    patch.setattr(metrics, "add_points", apart)


FAULTS: dict[str, Callable[[Patch], None]] = {
    name.removeprefix("_").replace("_", " "): fault
    for name, fault in list(globals().items())
    if callable(fault) and name.startswith("_") and not name.startswith("__")
}
