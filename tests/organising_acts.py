"""One of the acts of `every_act`: runs are starred, archived, moved, written about, deleted, restored and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_aml.domain.organising.queue import ChangeQueue
from desktop_aml.domain.organising.requests import (
    DeleteFiles,
    OrganiseEnvironment,
    OrganiseExperiment,
    OrganiseModel,
    OrganiseRuns,
    RenameModel,
)

if TYPE_CHECKING:
    from tests.every_act import Actor


def organise(actor: Actor) -> None:
    """Do one of them with some of the runs."""
    pick = actor.choice
    some = tuple(row[0] for row in actor.rows("SELECT id FROM run") if pick.random() < 0.5)
    trash = tuple(row[0] for row in actor.rows("SELECT id FROM run WHERE deleted_at IS NOT NULL"))
    actor.ask(
        pick.choice(
            [
                OrganiseRuns(run_ids=some, starred=pick.random() < 0.5),
                OrganiseRuns(run_ids=some, archived=pick.random() < 0.5),
                OrganiseRuns(run_ids=some, experiment=pick.choice(("one", "other", "moved to"))),
                OrganiseRuns(run_ids=some, display_name=actor.word(), description=actor.word(), tags=actor.labels()),
                *(OrganiseRuns(run_ids=(run_id,), deleted=True) for run_id in some),
                OrganiseRuns(run_ids=trash, deleted=False),
                OrganiseRuns(run_ids=trash[:1], forever=True),
            ]
        )
    )


def _organise_experiment(actor: Actor) -> None:
    """Rename, archive, delete, restore or remove an experiment."""
    pick = actor.choice
    name = (actor.some("SELECT name FROM experiment") or ("one",))[0]
    trash = actor.some("SELECT name FROM experiment WHERE deleted_at IS NOT NULL")
    change = pick.choice(("new_name", "archived", "deleted", "restored", "forever"))
    actor.ask(
        {
            "new_name": OrganiseExperiment(name=name, new_name=pick.choice(("renamed", "é 🚀", "other"))),
            "archived": OrganiseExperiment(name=name, archived=pick.random() < 0.5),
            "deleted": OrganiseExperiment(name=name, deleted=True),
            "restored": OrganiseExperiment(name=trash[0] if trash else name, deleted=False),
            "forever": OrganiseExperiment(name=trash[0] if trash else name, forever=True),
        }[change]
    )


def _organise_environment(actor: Actor) -> None:
    """Rename, delete, restore or remove an environment, all of it or one version."""
    pick = actor.choice
    name, version = actor.some("SELECT name, version FROM environment") or ("env", 1)
    gone = actor.some("SELECT name, version FROM environment WHERE deleted_at IS NOT NULL") or (name, version)
    chosen = pick.choice(((), (version,)))
    change = pick.choice(("new_name", "deleted", "deleted", "restored", "forever"))
    actor.ask(
        {
            "new_name": OrganiseEnvironment(name=name, new_name=pick.choice(("env", "other", "named otherwise"))),
            "deleted": OrganiseEnvironment(name=name, versions=chosen, deleted=True),
            "restored": OrganiseEnvironment(name=gone[0], deleted=False),
            "forever": OrganiseEnvironment(name=gone[0], versions=(gone[1],), forever=True),
        }[change]
    )


def _delete_files(actor: Actor) -> None:
    run_id, path = actor.some("SELECT run_id, path FROM artifact") or ("absent", "nothing")
    actor.ask(DeleteFiles(run_id=run_id, paths=(path,)))


def _organise_model(actor: Actor) -> None:
    name, version = actor.some("SELECT name, version FROM model") or ("absent", 1)
    actor.ask(OrganiseModel(name=name, version=version, deleted=actor.choice.random() < 0.6))


def _rename_model(actor: Actor) -> None:
    name, _ = actor.model()
    actor.ask(RenameModel(name=name, new_name=actor.choice.choice(("renamed", "with blanks", "é", name))))


def _change_queue(actor: Actor) -> None:
    """Have runs wait, and give one that waits another place; what was paused goes on, or not."""
    actor.ask(ChangeQueue(is_paused=True))
    actor.submit()
    found = [row[0] for row in actor.rows("SELECT id FROM run WHERE state = 'Queued'")]
    if found:
        priority = actor.choice.choice((None, -3, 7))
        before = actor.choice.choice((None, "", found[0]))
        actor.ask(ChangeQueue(run_id=actor.choice.choice(found), priority=priority, before=before))
    if actor.choice.choice((True, False)):
        actor.ask(ChangeQueue(is_paused=False))


ORGANISING: dict[str, tuple[Callable[[Actor], None], tuple[type, ...]]] = {
    "organise runs": (organise, (OrganiseRuns,)),
    "organise an experiment": (_organise_experiment, (OrganiseExperiment,)),
    "organise an environment": (_organise_environment, (OrganiseEnvironment,)),
    "delete files of a run": (_delete_files, (DeleteFiles,)),
    "rename a model": (_rename_model, (RenameModel,)),
    "delete or restore a model": (_organise_model, (OrganiseModel,)),
    "change the queue": (_change_queue, (ChangeQueue,)),
}
"""The acts, and the requests that they are made of."""
